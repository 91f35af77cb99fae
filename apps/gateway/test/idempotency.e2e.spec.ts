import { describe, expect, it, jest } from '@jest/globals';
import { anAccountEach } from './support/an-account-each.js';
import { type Answer, GatewayUnderTest, type Installation } from './support/gateway-under-test.js';
import { CONVERSATION, CONVERSATIONS, MESSAGE, MESSAGES } from './support/samples.js';

const KEY = { 'idempotency-key': 'order-1' };
const ASYNC = { ...KEY, prefer: 'respond-async' };

const item = (id: string, more: object = {}) => ({ ...CONVERSATION, conversation_id: id, ...more });

describe('an Idempotency-Key', () => {
  let installation: Installation;
  let gateway: GatewayUnderTest;
  let tenant: string;
  let key: string;
  anAccountEach((account) => ({ installation, gateway, tenant, key } = account), {
    RECEIPT_TIMEOUT_MS: 2_000,
  });

  const keyed = (body: unknown, headers = KEY): Promise<Answer> =>
    gateway.post(key, CONVERSATIONS, body, headers);
  const erase = (id: string, headers: Readonly<Record<string, string>> = KEY): Promise<Answer> =>
    gateway.call(key, { method: 'DELETE', url: `${CONVERSATIONS}/${id}`, headers });

  /** Sends what must be refused as a whole, and shows that none of it was published. */
  async function expectReused(send: () => Promise<Answer>): Promise<void> {
    const published = gateway.bus.published.length;
    const answer = await send();
    expect([answer.status, answer.body]).toMatchObject([
      422,
      { detail: [{ loc: ['header', 'Idempotency-Key'], type: 'idempotency_key_reused' }] },
    ]);
    expect(gateway.bus.published).toHaveLength(published);
  }

  it('the same body is decided once', async () => {
    const first = await gateway.post(key, CONVERSATIONS, CONVERSATION, KEY);
    const again = await gateway.post(key, CONVERSATIONS, CONVERSATION, KEY);

    expect([again.status, again.text]).toEqual([200, first.text]);
    expect(again.headers['parley-receipt']).toBe(first.headers['parley-receipt']);
  });

  it('tells later what became of all that came under it', async () => {
    const path = encodeURIComponent(CONVERSATIONS);
    await keyed([CONVERSATION, 7, item('c2')]);
    const address = `/api/ingest/receipts?idempotency_key=order-1&path=${path}`;
    const stranger = await installation.createKey(await installation.createTenant());

    expect((await gateway.get(key, address)).body).toMatchObject({
      data: [
        { item: 0, disposition: 'created', position: 1 },
        { item: 2, disposition: 'created', position: 2 },
      ],
    });
    expect((await gateway.get(stranger, address)).body).toEqual({ data: [] });
    expect((await gateway.get(key, '/api/ingest/receipts?idempotency_key=x')).status).toBe(422);
  });

  it('what was refused is decided anew', async () => {
    const refused = await gateway.post(key, MESSAGES, MESSAGE, KEY);
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const accepted = await gateway.post(key, MESSAGES, MESSAGE, KEY);

    expect([refused.status, accepted.status]).toEqual([404, 200]);
  });

  it('another tenant and another route have keys of their own', async () => {
    const stranger = await installation.createKey(await installation.createTenant());
    const ids = [
      await gateway.post(key, CONVERSATIONS, CONVERSATION, KEY),
      await gateway.post(stranger, CONVERSATIONS, CONVERSATION, KEY),
      await gateway.post(key, MESSAGES, MESSAGE, KEY),
    ].map(({ headers }) => headers['parley-receipt']);

    expect(new Set(ids).size).toBe(3);
  });

  it.each(['', ' ', 'a b', 'é', 'x'.repeat(256)])('%j is no key', async (bad) => {
    const answer = await gateway.post(key, CONVERSATIONS, CONVERSATION, {
      'idempotency-key': bad,
    });

    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ detail: [{ loc: ['header', 'Idempotency-Key'] }] });
  });

  it.each([
    ['another body', item('c1'), item('c1', { is_resolved: true })],
    ['a batch after a single one', item('c1'), [item('c2')]],
    ['a single one after a batch', [item('c1'), item('c2')], item('c1')],
    ['a longer batch', [item('c1'), item('c2')], [item('c1'), item('c2'), item('c3')]],
    ['a single one after a batch whose first item was refused', [7, item('c2')], item('c1')],
    ['a batch that begins where the first one was refused', [7, item('c2')], [item('c3'), 7]],
  ])('%s is refused as a whole', async (_what, first, other) => {
    expect((await keyed(first)).status).toBe(200);

    await expectReused(() => keyed(other));
    await expectReused(() => keyed(other, ASYNC));
    expect((await keyed(first)).status).toBe(200);
  });

  it('the same batch gets its first answers', async () => {
    const batch = [item('c1'), 7, item('c2')];
    const first = await keyed(batch);
    await gateway.post(key, CONVERSATIONS, item('c1', { is_resolved: true }));

    expect((await keyed(batch)).body).toEqual(first.body);
    expect((await gateway.get(key, `${CONVERSATIONS}/c1`)).body).toMatchObject({
      is_resolved: true,
    });
  });

  it('a deletion is answered once more as at first', async () => {
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const first = await erase('conv_001');
    const again = await erase('conv_001');

    expect([first.status, again.status, again.text]).toEqual([200, 200, first.text]);
    expect(again.headers['parley-receipt']).toBe(first.headers['parley-receipt']);
  });

  it('a deletion for another agent is another request', async () => {
    for (const agent_id of ['one', 'two']) {
      await gateway.bus.accept({ tenant, door: 's3', conversation_id: 'both', agent_id });
    }
    expect((await erase('both?agent=one')).status).toBe(200);

    await expectReused(() => erase('both?agent=two'));
    expect((await gateway.get(key, `${CONVERSATIONS}/both?agent=two`)).status).toBe(200);
  });

  it('nothing is taken where nobody can tell any more what came first', async () => {
    await keyed([CONVERSATION]);
    await erase('conv_001', {});
    const published = gateway.bus.published.length;

    expect(await keyed([CONVERSATION])).toMatchObject({
      status: 409,
      body: { code: 'conversation_deleted' },
    });
    expect((await keyed([CONVERSATION, item('c2')])).status).toBe(409);
    expect(gateway.bus.published).toHaveLength(published);
  });

  it('the same at the same time gets the same answer, a refusal too, where receipts are polled', async () => {
    const polling = await GatewayUnderTest.start(installation, {
      isSignalled: false,
      RECEIPT_TIMEOUT_MS: 2_000,
    });
    const send = () => polling.post(key, MESSAGES, MESSAGE, KEY);
    const answers = await Promise.all([send(), send(), send()]);
    await polling.stop();

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(polling.bus.published).toHaveLength(1);
  });

  it('of two bodies at the same time one is taken, whole', async () => {
    const published = gateway.bus.published.length;
    const answers = await Promise.all([
      keyed([item('c1'), item('c2')]),
      keyed([item('c3'), item('c4'), item('c5')]),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([200, 422]);
    expect(gateway.bus.published).toHaveLength(published + 2);
  });

  it('one that is not there costs no query before or after publishing', async () => {
    await gateway.post(key, CONVERSATIONS, item('c0'));
    const pool = await installation.databases.pool(tenant, 'reader');
    const asked = jest.spyOn(pool, 'query');
    await gateway.post(key, CONVERSATIONS, item('c1'));
    expect(asked).not.toHaveBeenCalled();

    await keyed(item('c2'));
    expect(asked).toHaveBeenCalledTimes(1);
    asked.mockRestore();
  });
});
