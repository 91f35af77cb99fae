import { describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { anAccountEach } from './support/an-account-each.js';
import {
  type Answer,
  type GatewayUnderTest,
  type Installation,
} from './support/gateway-under-test.js';
import { CONVERSATION, CONVERSATIONS, MESSAGE, MESSAGES } from './support/samples.js';

const ASYNC = { prefer: 'respond-async' };
const READ = `${CONVERSATIONS}/conv_001`;

describe.each([
  ['receipts are signalled', true],
  ['receipts are polled', false],
])('reading after writing where %s', (_how, isSignalled) => {
  let installation: Installation;
  let gateway: GatewayUnderTest;
  let key: string;
  anAccountEach((account) => ({ installation, gateway, key } = account), {
    ...{ RECEIPT_TIMEOUT_MS: 300, READ_AFTER_TIMEOUT_MS: 300, isSignalled },
  });

  const after = ({ headers }: Answer) => ({
    'parley-read-after': String(headers['parley-read-after']),
  });

  /** What a read shows once it does not ask to be tried again. */
  function readAfter(write: Answer): Promise<Answer> {
    return eventually(async () => {
      const answer = await gateway.get(key, READ, after(write));
      if (answer.status === 503) throw new Error('not yet readable');
      return answer;
    });
  }

  /** Pauses all decisions; the answer lets them go on. */
  function pause(): () => Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    gateway.bus.pauseUntil(promise);
    return () => {
      resolve();
      return gateway.bus.settled();
    };
  }

  it('every write answers a token, and a read with it shows what was written', async () => {
    const writes = [
      await gateway.post(key, CONVERSATIONS, CONVERSATION),
      await gateway.post(key, CONVERSATIONS, CONVERSATION),
      await gateway.post(key, MESSAGES, [MESSAGE, 7]),
      await gateway.post(key, MESSAGES, { ...MESSAGE, conversation_id: 'nowhere' }),
    ];

    expect(writes.map(({ status }) => status)).toEqual([200, 200, 200, 404]);
    for (const write of writes) expect((await readAfter(write)).status).toBe(200);
    const deletion = await gateway.call(key, { method: 'DELETE', url: READ });
    expect((await gateway.get(key, READ, after(deletion))).status).toBe(404);
  });

  it('a read waits for what was only accepted, and shows it', async () => {
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const goOn = pause();
    const accepted = await gateway.post(key, MESSAGES, [MESSAGE], ASYNC);
    const reading = readAfter(accepted);
    const stale = await gateway.get(key, READ);
    await goOn();

    expect(stale.body).toMatchObject({ messages: [] });
    expect((await reading).body).toMatchObject({ messages: [MESSAGE] });
  });

  it.each([READ, CONVERSATIONS, '/api/ingest/receipts/x'])(
    'a read of %s that would have to wait too long is answered 503, never with what was before',
    async (url) => {
      const goOn = pause();
      const accepted = await gateway.post(key, CONVERSATIONS, CONVERSATION, ASYNC);
      const answer = await gateway.get(key, url, after(accepted));
      await goOn();

      expect(answer).toMatchObject({ status: 503, body: { code: 'not_yet_readable' } });
      expect(answer.headers['retry-after']).toBe('1');
      expect((await readAfter(accepted)).status).toBe(200);
    },
  );

  it('of a batch that was only accepted every item is waited for', async () => {
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const batch = Array.from({ length: 20 }, (_, n) => ({
      ...MESSAGE,
      message_id: `m${String(n)}`,
    }));
    const accepted = await gateway.post(key, MESSAGES, [...batch, 7], ASYNC);
    const { messages } = (await readAfter(accepted)).body as { messages: unknown[] };

    expect(accepted.status).toBe(202);
    expect(messages).toHaveLength(20);
  });

  it('a repeat of what was refused before is waited for, not its first refusal', async () => {
    const keyed = { ...ASYNC, 'idempotency-key': 'k' };
    const refused = await gateway.post(key, MESSAGES, MESSAGE, keyed);
    expect((await readAfter(refused)).status).toBe(404);
    await gateway.post(key, CONVERSATIONS, CONVERSATION);

    const goOn = pause();
    const repeated = await gateway.post(key, MESSAGES, MESSAGE, keyed);
    const reading = readAfter(repeated);
    await goOn();

    expect((await reading).body).toMatchObject({ messages: [MESSAGE] });
  });

  it('what was refused is decided, also for the first token where it was refused again since', async () => {
    const keyed = { ...ASYNC, 'idempotency-key': 'k' };
    const first = await gateway.post(key, MESSAGES, MESSAGE, keyed);
    await readAfter(first);
    await readAfter(await gateway.post(key, MESSAGES, MESSAGE, keyed));

    expect((await readAfter(first)).status).toBe(404);
  });

  it('a write that was not decided in time names its receipt and what to read after', async () => {
    const goOn = pause();
    const undecided = await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const early = await gateway.get(key, READ, after(undecided));
    await goOn();

    expect([undecided.status, early.status]).toEqual([503, 503]);
    expect((await readAfter(undecided)).status).toBe(200);
    const receipt = `/api/ingest/receipts/${String(undecided.headers['parley-receipt'])}`;
    expect((await gateway.get(key, receipt)).body).toMatchObject({ disposition: 'created' });
  });

  it('a refused write names its receipt', async () => {
    const refused = await gateway.post(key, MESSAGES, MESSAGE);
    const receipt = `/api/ingest/receipts/${String(refused.headers['parley-receipt'])}`;

    expect((await gateway.get(key, receipt)).body).toMatchObject({
      disposition: 'rejected',
      problem: { code: 'conversation_not_found' },
    });
  });

  it('a token of another account, or none at all, is refused', async () => {
    const stranger = await installation.createKey(await installation.createTenant());
    const foreign = after(await gateway.post(stranger, CONVERSATIONS, CONVERSATION));

    for (const headers of [foreign, { 'parley-read-after': '' }, { 'parley-read-after': 'x.y' }]) {
      expect(await gateway.get(key, CONVERSATIONS, headers)).toMatchObject({
        status: 400,
        body: { code: 'bad_header' },
      });
    }
  });

  it('a read says how far the log had got, absent or not', async () => {
    const absent = await gateway.get(key, READ);
    await gateway.post(key, CONVERSATIONS, CONVERSATION);

    expect(absent.headers['parley-as-of-position']).toBe('0');
    expect((await gateway.get(key, READ)).headers['parley-as-of-position']).toBe('1');
  });
});
