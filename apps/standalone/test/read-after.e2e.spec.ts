import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { type Answer, Api } from './support/api.js';
import { seeded } from './support/random-history.js';
import { ServiceProcess, type Services, startServices } from './support/services.js';
import { SlowIngestion } from './support/slow-ingestion.js';

const WRITERS = 40;
const ROUNDS = 25;
const ASYNC = { prefer: 'respond-async' };
const GATEWAY = join(import.meta.dirname, '..', '..', 'gateway/src/main.ts');

interface Verdict {
  pairs: number;
  stale: number;
  refused: number;
}

/** Each writer has a conversation of its own, and reads through another gateway than it writes. */
describe('writing and then reading while ingestion is slow', () => {
  let services: Services;
  let reader: ServiceProcess;
  let slow: SlowIngestion;

  beforeAll(async () => {
    services = await startServices();
    reader = await ServiceProcess.start(GATEWAY, {
      ...services.env,
      READ_AFTER_TIMEOUT_MS: '1000',
    });
    const url = new URL(services.adminUrl);
    url.pathname = `/${services.tenant}`;
    slow = new SlowIngestion(url.href, 1_500, seeded(12));
  }, 60_000);

  afterAll(async () => {
    await slow.stop();
    await reader.end('SIGTERM');
    await services.stop();
  }, 60_000);

  /** Writes `rounds` times each, every other time without waiting for the answer, and reads what it wrote at once. */
  async function run(name: string, rounds: number, isTokenSent: boolean): Promise<Verdict> {
    const verdict = { pairs: 0, stale: 0, refused: 0 };
    const write = new Api(services.gateway.url, services.key);
    const read = new Api(reader.url, services.key);
    const writer = async (id: string): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) {
        const written = await writeOnce(write, id, round, round % 2 === 0);
        const token = isTokenSent ? String(written.headers.get('parley-read-after')) : null;
        const answer = await readOnce(read, id, token, verdict);
        verdict.pairs += 1;
        if (answer.status !== 200 || answer.body['round'] !== round) verdict.stale += 1;
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, n) => writer(`${name}-${n}`)));
    return verdict;
  }

  it('answers none of 1,000 pairs with what was there before', async () => {
    const verdict = await run('with-token', ROUNDS, true);
    process.stderr.write(`\n${JSON.stringify(verdict)}\n`);

    expect(verdict).toMatchObject({ pairs: 1_000, stale: 0 });
  }, 240_000);

  it('would do so without the token, so that the test before means something', async () => {
    expect((await run('without-token', 2, false)).stale).toBeGreaterThan(0);
  }, 60_000);
});

/** A write that is taken in: one that gets 503 may or may not be, and sending it again is harmless. */
function writeOnce(api: Api, id: string, round: number, isAsync: boolean): Promise<Answer> {
  const body = {
    ...{ conversation_id: id, agent: 'bot', is_resolved: false, round },
    timestamp: '2024-01-15T10:30:00Z',
  };
  return eventually(
    async () => {
      const answer = await api.post('conversations', body, isAsync ? ASYNC : {});
      if (answer.status !== 200 && answer.status !== 202) throw new Error('not taken in');
      return answer;
    },
    { timeoutMs: 30_000 },
  );
}

/** What a read shows, once it is not told to come again. */
function readOnce(api: Api, id: string, token: string | null, verdict: Verdict): Promise<Answer> {
  return eventually(
    async () => {
      const answer = await api.get(`conversations/${id}`, token);
      if (answer.status !== 503) return answer;
      if (answer.body['code'] === 'not_yet_readable') verdict.refused += 1;
      throw new Error('not yet readable');
    },
    { timeoutMs: 30_000 },
  );
}
