import { allZero, atLeast, type Invariant } from '../invariant.js';
import { ApiClient, requestOf } from '../load/client.js';
import { holdLog } from '../nemesis/hold-log.js';
import { type Random } from '../nemesis/random.js';
import { type Stage } from '../stage.js';

const READERS = 8;
const PAIRS = 25;
const TOKEN = 'parley-read-after';

interface Seen {
  reads: number;
  stale: number;
  refused: number;
  /** Reads without a token, after an answer of 200. */
  plain: number;
}

/** Whoever wrote sees it, or is told to wait; never what was there before. */
export const i12: Invariant = {
  id: 'I12',
  promise:
    'a read with the token of a write shows it or is refused, on any gateway, while ingestion is slow',
  prove: async (stage) => {
    const tenant = await stage.tenant();
    const services = await stage.services({ gateways: 2, ingestions: 1 });
    const seen: Seen = { reads: 0, stale: 0, refused: 0, plain: 0 };
    const client = new ApiClient(tenant.key);
    const reading = Promise.all(
      Array.from({ length: READERS }, (_, reader) =>
        writeAndRead({ stage, client, urls: services.urls, seen }, `reader-${reader}`),
      ),
    );
    let isOver = false;
    void reading.finally(() => (isOver = true));
    while (!isOver) await holdLog(stage.world, tenant.id, stage.random.between(50, 1_200));
    await reading;
    return {
      figures: { ...seen },
      broken: [
        ...allZero({ ...seen }, 'stale'),
        ...atLeast({ ...seen }, { reads: 150, plain: 20 }),
      ],
    };
  },
};

interface Scene {
  readonly stage: Stage;
  readonly client: ApiClient;
  readonly urls: readonly string[];
  readonly seen: Seen;
}

async function writeAndRead({ stage, client, urls, seen }: Scene, conversation: string) {
  const { random }: { random: Random } = stage;
  const opening = requestOf({ conversation, message: null, content: '' });
  await insist(() => client.post(urls[0]!, opening.path, opening.body));
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const content = `what ${pair} says`;
    const isAsync = pair % 5 !== 0;
    const { path, body } = requestOf({ conversation, message: `m-${pair}`, content });
    const prefer: Record<string, string> = isAsync ? { prefer: 'respond-async' } : {};
    const written = await insist(() => client.post(random.pick(urls), path, body, prefer));
    const token = written.headers?.get(TOKEN);
    const given: Record<string, string> = isAsync && token ? { [TOKEN]: token } : {};
    const read = await client.get(random.pick(urls), `conversations/${conversation}`, given);
    seen.reads += 1;
    if (!isAsync) seen.plain += 1;
    if (read.status === 503) seen.refused += 1;
    else if (!read.text.includes(content)) seen.stale += 1;
  }
}

async function insist<T extends { readonly status: number | null }>(
  send: () => Promise<T>,
): Promise<T> {
  for (;;) {
    const reply = await send();
    if (reply.status === 200 || reply.status === 202) return reply;
  }
}
