import { describe, expect, it } from '@jest/globals';
import { listAuditEvents } from '@parley/event-store';
import { anAccountEach } from './support/an-account-each.js';
import { type Answer, GatewayUnderTest, type Installation } from './support/gateway-under-test.js';
import { CONVERSATION, CONVERSATIONS, MESSAGE, MESSAGES } from './support/samples.js';

const REDACTION = '/api/redaction';
const POLICY = {
  validators: [
    { kind: 'email', action: 'mask' },
    { kind: 'card', action: 'reject' },
    { kind: 'pattern', name: 'employee', pattern: 'EMP-[0-9]{6}', action: 'flag' },
  ],
};
const MAIL = 'jane.roe@example.com';
const CARD = '4111 1111 1111 1111';

describe('redaction at the HTTP door', () => {
  let installation: Installation;
  let gateway: GatewayUnderTest;
  let tenant: string;
  let key: string;
  anAccountEach((account) => ({ installation, gateway, tenant, key } = account));

  function put(body: unknown, by = key): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    return gateway.call(by, {
      method: 'PUT',
      url: REDACTION,
      payload: JSON.stringify(body),
      headers,
    });
  }

  async function receiptOf(answer: Answer): Promise<unknown> {
    const id = String(answer.headers['parley-receipt']);
    return (await gateway.get(key, `/api/ingest/receipts/${id}`)).body;
  }

  it('holds from the answer to the change on, and leaves an audit event', async () => {
    await gateway.post(key, CONVERSATIONS, { ...CONVERSATION, user_data: { mail: MAIL } });
    expect((await gateway.get(key, REDACTION)).body).toMatchObject({
      ...{ id: 0, set_by: null, policy: { missing_info_fields: true, validators: [] } },
    });
    const set = await put(POLICY);
    expect(set).toMatchObject({ status: 200, body: { policy: POLICY } });
    expect((await gateway.get(key, REDACTION)).body).toEqual(set.body);
    await gateway.post(key, CONVERSATIONS, { ...CONVERSATION, user_data: { mail: MAIL } });
    const sent = gateway.bus.published.map(({ command }) => JSON.stringify(command));
    expect(sent.slice(-2).map((text) => text.includes(MAIL))).toEqual([true, false]);
    const pool = await installation.databases.pool(tenant, 'reader');
    expect(await listAuditEvents(pool)).toMatchObject([
      { action: 'redaction.set', actor: expect.stringMatching(/^key:/) },
    ]);
  });

  it('answers what was sent, stores what was masked, and says so in the receipt', async () => {
    await put(POLICY);
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const message = { ...MESSAGE, content: `I am ${MAIL}, EMP-123456`, [MAIL]: 1 };
    const answer = await gateway.post(key, MESSAGES, message);
    expect(answer).toMatchObject({ status: 200, body: message });
    expect(await receiptOf(answer)).toMatchObject({
      masked: ['content: email', '[email]: email'],
      warnings: ['unknown_field:[email]', 'flagged:content: employee'],
    });
  });

  it('refuses what the policy keeps out, alone and in a batch, whose other items are taken', async () => {
    await put(POLICY);
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const bad = { ...MESSAGE, message_id: 'msg_002', content: CARD };
    const refused = { loc: ['body', 'content'], type: 'redaction_rejected' };
    expect(await gateway.post(key, MESSAGES, bad)).toMatchObject({
      status: 422,
      body: { detail: [refused] },
    });
    const batch = await gateway.post(key, MESSAGES, [bad, { ...MESSAGE, content: MAIL }]);
    expect(batch.body).toMatchObject([
      { status: 'error', status_code: 422, detail: [{ loc: ['body', 0, 'content'] }] },
      { status: 'success', content: MAIL },
    ]);
    const named = await gateway.post(key, CONVERSATIONS, {
      ...CONVERSATION,
      conversation_id: MAIL,
    });
    expect(named).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'conversation_id'] }] },
    });
    expect(JSON.stringify(gateway.bus.published.slice(-2))).not.toContain(CARD);
  });

  it('takes the same request again under its Idempotency-Key, for that is told by what was sent', async () => {
    await put(POLICY);
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const send = (content: string) =>
      gateway.post(key, MESSAGES, { ...MESSAGE, content }, { 'idempotency-key': 'k' });
    const first = await send(MAIL);
    expect(await send(MAIL)).toMatchObject({ status: 200, text: first.text });
    expect(await send('john@example.com')).toMatchObject({ status: 422 });
  });

  it('takes nothing while the policy can’t be read', async () => {
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const pool = await installation.databases.pool(tenant, 'app');
    await pool.query(`INSERT INTO redaction_policies (policy, actor) VALUES ('{"later":1}', 'x')`);
    const published = gateway.bus.published.length;
    const fresh = await GatewayUnderTest.start(installation);
    expect(await fresh.post(key, MESSAGES, MESSAGE)).toMatchObject({ status: 500 });
    expect([fresh.bus.published.length, gateway.bus.published.length]).toEqual([0, published]);
    await fresh.stop();
  });

  it('can be tried on a record, of which nothing is stored or passed on', async () => {
    await put(POLICY);
    const published = gateway.bus.published.length;
    const { agent: agent_id, ...others } = CONVERSATION;
    const messages = [{ ...MESSAGE, content: `${MAIL} EMP-123456` }];
    const tried = await gateway.post(key, `${REDACTION}/test`, { ...others, agent_id, messages });
    expect(tried).toMatchObject({
      status: 200,
      body: {
        record: { conversation_id: 'conv_001', messages: [{ content: '[email] EMP-123456' }] },
        masked: ['messages[].content: email'],
        flagged: ['messages[].content: employee'],
        refused: [],
      },
    });
    const refused = await gateway.post(key, `${REDACTION}/test`, { ...MESSAGE, content: CARD });
    expect(refused.body).toMatchObject({
      record: null,
      refused: [{ code: 'redaction_rejected', place: ['content'] }],
    });
    expect(gateway.bus.published).toHaveLength(published);
  });

  it('is the account’s own, and an administrator’s business', async () => {
    const reader = await installation.createKey(tenant, ['ingest', 'read']);
    expect(await put(POLICY, reader)).toMatchObject({ status: 403 });
    expect(await gateway.get(reader, REDACTION)).toMatchObject({ status: 403 });
    expect(await put({ validators: [{ kind: 'email' }] })).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'validators', 0, 'action'] }] },
    });
  });

  it('never shows in a log line', () => {
    expect(installation.logged.filter((line) => /jane|4111|EMP-/.test(line))).toEqual([]);
  });
});
