import { readRecorded } from '../checker/recorded.js';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { ApiClient, requestOf } from '../load/client.js';
import { type ProvenTenant } from '../world/world.js';

const KEYS = 40;
const RACERS = 10;

interface Found {
  cases: number;
  wrong: number;
}

interface Scene {
  readonly url: string;
  readonly found: Found;
  readonly ours: ApiClient;
  readonly theirs: ApiClient;
}

/** An Idempotency-Key stands for one request of one tenant, however often and however close together it comes. */
export const i18: Invariant = {
  id: 'I18',
  promise:
    'a key replays its first answer, refuses another body, runs once in a race, and is no other tenant’s',
  prove: async (stage) => {
    const [ours, theirs] = [await stage.tenant(), await stage.tenant()];
    const services = await stage.services({ gateways: 1, ingestions: 1 });
    const scene: Scene = {
      url: services.urls[0]!,
      found: { cases: 0, wrong: 0 },
      ours: new ApiClient(ours.key),
      theirs: new ApiClient(theirs.key),
    };
    for (const client of [scene.ours, scene.theirs]) {
      const { path, body } = requestOf({ conversation: 'c', message: null, content: '' });
      await client.post(scene.url, path, body);
    }
    for (let key = 0; key < KEYS; key += 1) await tryKey(scene, `key-${key}`);
    const figures = {
      keys: KEYS,
      ...scene.found,
      double_effects: (await countDoubles(ours)) + (await countDoubles(theirs)),
    };
    const zero = allZero(figures, 'wrong', 'double_effects');
    return { figures, broken: [...zero, ...atLeast(figures, { cases: KEYS * 4 })] };
  },
};

async function tryKey({ url, found, ours, theirs }: Scene, key: string): Promise<void> {
  const note = (isRight: boolean) => {
    found.cases += 1;
    if (!isRight) found.wrong += 1;
  };
  const send = (client: ApiClient, message: string) => {
    const { path, body } = requestOf({ conversation: 'c', message, content: `under ${key}` });
    return client.post(url, path, body, { 'idempotency-key': key });
  };
  const racers = await Promise.all(Array.from({ length: RACERS }, () => send(ours, key)));
  const answers = new Set(racers.map(({ status, text }) => `${status} ${text}`));
  note(answers.size === 1 && racers[0]?.status === 200);
  const replayed = await send(ours, key);
  note(answers.has(`${replayed.status} ${replayed.text}`));
  note((await send(ours, `${key}-changed`)).status === 422);
  const foreign = await send(theirs, key);
  note(foreign.status === 200);
}

/** Messages that are in the log more than once, or though their request was refused. */
async function countDoubles({ pool }: ProvenTenant): Promise<number> {
  const ids = (await readRecorded(pool)).flatMap(({ message }) => message ?? []);
  return ids.length - new Set(ids).size + ids.filter((id) => id.endsWith('changed')).length;
}
