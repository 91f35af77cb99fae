import { describe, expect, it } from '@jest/globals';
import { anAccountEach } from './support/an-account-each.js';
import { GatewayUnderTest, type Installation } from './support/gateway-under-test.js';
import { CONVERSATION, CONVERSATIONS, MESSAGE, MESSAGES } from './support/samples.js';

const SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const UUID = /^[0-9a-f-]{36}$/;

describe('uploading', () => {
  let installation: Installation;
  let gateway: GatewayUnderTest;
  let tenant: string;
  let key: string;
  anAccountEach((account) => ({ installation, gateway, tenant, key } = account), {
    RECEIPT_TIMEOUT_MS: 2_000,
  });

  it('a conversation is echoed in the order of the documentation, with when it was created', async () => {
    const { csat_score, ...others } = CONVERSATION;
    const shuffled = { user_data: { a: [1.5] }, csat_score, ...others };
    const answer = await gateway.post(key, CONVERSATIONS, shuffled);

    expect(answer.status).toBe(200);
    const { created_at } = answer.body as { created_at: string };
    expect(created_at).toMatch(SECONDS);
    expect(answer.text).toBe(
      JSON.stringify({ ...CONVERSATION, user_data: { a: [1.5] }, created_at, status: 'success' }),
    );
    expect(answer.headers['parley-receipt']).toMatch(UUID);
  });

  it('a message is echoed, and its repeat is answered with when it was first recorded', async () => {
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const first = await gateway.post(key, MESSAGES, MESSAGE);
    const again = await gateway.post(key, MESSAGES, MESSAGE);

    const { created_at } = first.body as { created_at: string };
    expect(first.text).toBe(JSON.stringify({ ...MESSAGE, created_at, status: 'success' }));
    expect([again.status, again.text]).toEqual([200, first.text]);
  });

  it('an update echoes only what was sent and keeps the rest', async () => {
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const update = { ...CONVERSATION, is_resolved: true, csat_score: undefined };
    const answer = await gateway.post(key, CONVERSATIONS, update);

    expect(answer.body).toMatchObject({ is_resolved: true, status: 'success' });
    expect(answer.body).not.toHaveProperty('csat_score');
    const read = await gateway.get(key, `${CONVERSATIONS}/conv_001`);
    expect(read.body).toMatchObject({ csat_score: 4.5, is_resolved: true });
  });

  it('other spellings of a field are taken and answered under the documented name', async () => {
    const { agent, ...rest } = CONVERSATION;
    const answer = await gateway.post(key, CONVERSATIONS, { ...rest, agentId: agent });

    expect(answer.body).toMatchObject({ agent });
    expect(answer.body).not.toHaveProperty('agentId');
  });

  it('a message of no conversation is refused', async () => {
    const answer = await gateway.post(key, MESSAGES, MESSAGE);

    expect(answer).toMatchObject({ status: 404, body: { code: 'conversation_not_found' } });
  });

  it('a message that fits conversations of several agents is refused', async () => {
    for (const agent_id of ['one', 'two']) {
      await gateway.bus.accept({ tenant, door: 's3', conversation_id: 'conv_001', agent_id });
    }
    const answer = await gateway.post(key, MESSAGES, MESSAGE);

    expect(answer).toMatchObject({ status: 409, body: { code: 'ambiguous_conversation' } });
  });

  it('a batch answers each item in order with its own status, and a bad one spoils no other', async () => {
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const answer = await gateway.post(key, MESSAGES, [
      MESSAGE,
      { ...MESSAGE, message_id: 7 },
      { ...MESSAGE, conversation_id: 'nowhere' },
      { ...MESSAGE, message_id: 'msg_002' },
    ]);

    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject([
      { ...MESSAGE, status: 'success', status_code: 200 },
      {
        status: 'error',
        status_code: 422,
        detail: [{ loc: ['body', 1, 'message_id'], type: 'wrong_type' }],
      },
      { status: 'error', status_code: 404, code: 'conversation_not_found' },
      { message_id: 'msg_002', status: 'success', status_code: 200 },
    ]);
  });

  it('an item whose JSON is faulty by itself spoils no other', async () => {
    const item = (id: string, extra = '') =>
      `{"conversation_id":"${id}","agent":"a","timestamp":"2024-01-15T10:30:00Z","is_resolved":true${extra}}`;
    const body = `[${item('c1')}, ${item('c2', ',"x":1,"x":2')}, ${item('c3', ',"n":1e400')}, ${item('c4')}]`;
    const answer = await gateway.post(key, CONVERSATIONS, Buffer.from(body));

    expect(answer.body).toMatchObject([
      { conversation_id: 'c1', status: 'success' },
      { status: 'error', detail: [{ loc: ['body', 1, 'x'], type: 'duplicate_key' }] },
      { status: 'error', detail: [{ loc: ['body', 2, 'n'], type: 'unsafe_number' }] },
      { conversation_id: 'c4', status: 'success' },
    ]);
  });

  it('a batch of 500 is taken, one of 501 is refused as a whole', async () => {
    const items = Array.from({ length: 501 }, (_, n) => ({
      ...CONVERSATION,
      conversation_id: `c${String(n)}`,
    }));
    const published = gateway.bus.published.length;
    const tooMany = await gateway.post(key, CONVERSATIONS, items);

    expect(tooMany.status).toBe(422);
    expect(tooMany.body).toMatchObject({ detail: [{ type: 'too_many_items' }] });
    expect(gateway.bus.published).toHaveLength(published);
    expect((await gateway.post(key, CONVERSATIONS, [])).text).toBe('[]');
  });

  it('who prefers not to wait gets the address of the receipt as soon as the bus has the command', async () => {
    gateway.bus.isIngestionAway = true;
    const answer = await gateway
      .post(key, CONVERSATIONS, CONVERSATION, { prefer: 'respond-async' })
      .finally(() => (gateway.bus.isIngestionAway = false));

    expect(answer.status).toBe(202);
    expect(answer.headers.location).toBe(
      `/api/ingest/receipts/${String(answer.headers['parley-receipt'])}`,
    );
    const early = await gateway.get(key, String(answer.headers.location));
    expect(early.status).toBe(404);
  });

  it('who prefers not to wait for a deletion gets the same answer', async () => {
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const url = `${CONVERSATIONS}/conv_001`;
    const headers = { prefer: 'respond-async' };
    const answer = await gateway.call(key, { method: 'DELETE', url, headers });

    expect(answer).toMatchObject({
      ...{ status: 202, headers: { 'preference-applied': 'respond-async' } },
      body: { status: 'accepted', receipt_id: answer.headers['parley-receipt'] },
    });
  });

  it('a receipt tells what became of an upload, to its tenant alone', async () => {
    const odd = { ...CONVERSATION, colour: 'red' };
    const { headers } = await gateway.post(key, CONVERSATIONS, odd);
    const address = `/api/ingest/receipts/${String(headers['parley-receipt'])}`;
    const stranger = await installation.createKey(await installation.createTenant());

    expect((await gateway.get(key, address)).body).toMatchObject({
      receipt_id: headers['parley-receipt'],
      disposition: 'created',
      warnings: ['unknown_field:colour'],
      problem: null,
    });
    expect((await gateway.get(stranger, address)).status).toBe(404);
    expect((await gateway.get(key, '/api/ingest/receipts/1')).status).toBe(404);
  });

  it('without a receipt in time the answer is 503 and says when to try again', async () => {
    gateway.bus.isIngestionAway = true;
    const answer = await gateway
      .post(key, CONVERSATIONS, CONVERSATION)
      .finally(() => (gateway.bus.isIngestionAway = false));

    expect([answer.status, answer.body]).toMatchObject([503, { code: 'not_decided_yet' }]);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('with the bus away nothing is accepted', async () => {
    gateway.bus.isAway = true;
    const ready = gateway.get(null, '/health/ready');
    const answer = await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const readiness = await ready.finally(() => (gateway.bus.isAway = false));

    expect([answer.status, answer.body]).toMatchObject([503, { code: 'unavailable' }]);
    expect([readiness.status, readiness.body]).toMatchObject([503, { failing: ['bus'] }]);
  });

  it('receipts are also found by polling, where another process decides', async () => {
    const polling = await GatewayUnderTest.start(installation, { isSignalled: false });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        polling.post(key, CONVERSATIONS, { ...CONVERSATION, conversation_id: `c${String(n)}` }),
      ),
    );
    await polling.stop();

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('the trace of the caller goes on with the command', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    await gateway.post(key, CONVERSATIONS, CONVERSATION, { traceparent });
    expect(gateway.bus.published.at(-1)?.trace).toMatchObject({ traceparent });

    await gateway.post(key, CONVERSATIONS, CONVERSATION, { traceparent: 'anything' });
    expect(gateway.bus.published.at(-1)?.trace?.traceparent).toBeUndefined();
  });

  it('neither content nor keys are logged', async () => {
    await gateway.post(key, CONVERSATIONS, { ...CONVERSATION, secret_word: 'canary-4711' });
    await gateway.post(key, `${MESSAGES}?q=canary-4711`, { ...MESSAGE, content: 'canary-4711' });

    const lines = installation.logged.join('');
    expect(lines).toContain('"route":"/api/messages"');
    expect(lines).not.toMatch(/canary-4711|avk_/);
  });
});
