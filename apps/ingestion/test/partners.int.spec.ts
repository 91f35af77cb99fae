import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { partnerTopic } from '@parley/contracts';
import { readActiveSchema } from '@parley/event-store';
import { createLogger } from '@parley/platform';
import { ensurePartnerTopic, Partners } from '@parley/tenancy';
import { describeWithKafka, eventually, testKafkaBrokers } from '@parley/testing';
import { createIngestion } from '../src/create-ingestion.js';
import { install, type TestInstallation, TenantUnderTest } from './support/tenant-under-test.js';

const AGENT = 'support_bot_01';
const CANARY = 'canary-2d9c41';

function aConversation(conversation_id: string, fields: object = {}) {
  const header = { timestamp: '2026-01-15T10:30:00Z', is_resolved: false };
  return { conversation_id, agent_id: AGENT, ...header, ...fields };
}

function aMessage(conversation_id: string, message_id: string, fields: object = {}) {
  return {
    ...{ message_id, conversation_id, agent_id: AGENT, role: 'customer', sender_id: 'customer_1' },
    ...{ content: `${message_id} of ${conversation_id}`, timestamp: '2026-01-15T10:31:00Z' },
    ...fields,
  };
}

function describeDoor(brokers: () => string | undefined): void {
  let installation: TestInstallation;
  let ingestion: NestFastifyApplication;
  let failure: Error | null = null;

  beforeAll(async () => {
    installation = await install(brokers());
    const logger = createLogger({ service: 'test', level: 'fatal' });
    const onFailure = (error: Error) => void (failure = error);
    ingestion = await createIngestion({ ...installation, logger, onFailure });
  }, 60_000);
  afterAll(async () => {
    await ingestion.close();
    await installation.close();
    expect(failure).toBeNull();
  }, 60_000);

  /** A tenant whose partner is registered while ingestion runs. */
  async function aPartner() {
    const tenant = await TenantUnderTest.create(installation);
    const topic = partnerTopic(tenant.id);
    await ensurePartnerTopic(installation.bus, topic);
    await new Partners(installation.control).create(tenant.id, null);
    const send = (value: unknown, key = 'any key', headers: Record<string, string> = {}) =>
      installation.bus.publish(topic, [
        {
          key,
          headers,
          value: Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value)),
        },
      ]);
    const counts = async () => {
      const rows = await tenant.query<{ disposition: string; count: number }>(
        'SELECT disposition, count(*)::int AS count FROM receipts GROUP BY 1 ORDER BY 1',
      );
      return Object.fromEntries(rows.map(({ disposition, count }) => [disposition, count]));
    };
    const letters = () =>
      tenant.query<Record<string, unknown>>('SELECT * FROM dead_letters ORDER BY arrived_at, id');
    const reaches = (expected: Record<string, number>) =>
      eventually(async () => expect(await counts()).toEqual(expected), { timeoutMs: 20_000 });
    return { tenant, topic, send, letters, counts, reaches };
  }

  it('takes up a topic that is registered while it runs: conversations, messages, and both again', async () => {
    const { tenant, send, letters, reaches } = await aPartner();
    const messages = [aMessage('c1', 'm1'), aMessage('c1', 'm2')].map(({ agent_id: _, ...m }) => m);
    await send(aConversation('c1', { messages }));
    await send(aMessage('c1', 'm3'));
    await reaches({ created: 2 });
    await send(aConversation('c1', { messages }), 'another key');
    await send(aMessage('c1', 'm3'), 'another key');
    await reaches({ created: 2, identical: 2 });
    expect(await letters()).toEqual([]);
    const [first] = await tenant.query<{ source: Buffer }>(
      'SELECT source FROM event_payloads ORDER BY position LIMIT 1',
    );
    const source = { door: 'kafka', topic: partnerTopic(tenant.id), offset: 0 };
    expect(JSON.parse(String(first?.source))).toMatchObject(source);
  }, 60_000);

  it('lets a message wait for its conversation, whatever partition that comes by', async () => {
    const { tenant, send, counts, reaches } = await aPartner();
    for (let n = 1; n <= 20; n += 1) await send(aMessage(`c${n}`, 'm1'), `key ${n}`);
    await reaches({ waiting: 20 });
    await send(aMessage('c1', 'm1', { content: CANARY, agent_id: 'another' }), 'x');
    for (let n = 1; n <= 20; n += 1) await send(aConversation(`c${n}`), `other key ${n}`);
    await reaches({ created: 40, waiting: 1 });
    const { name: schema } = await readActiveSchema(tenant.pool);
    const rows = await tenant.query(`SELECT FROM ${schema}.messages`);
    expect([rows.length, await counts()]).toEqual([20, { created: 40, waiting: 1 }]);
  }, 60_000);

  it('sets aside what says nothing, with its reason, place and bytes, and goes on', async () => {
    const { topic, send, letters, reaches } = await aPartner();
    await send(Buffer.from('{"conversation_id": "c1",'), 'k', {
      ce_source: '/doors/http',
      ce_tenant: topic.split('.')[1]!,
    });
    await send(aConversation('c1', { timestamp: 'yesterday' }));
    await send(aConversation('c2', { tenant: 'Globex' }));
    await send(aMessage('c3', 'm3', { agent_id: undefined }));
    await send([aConversation('c4')]);
    await send(aConversation('c5'));
    await reaches({ created: 1 });
    await eventually(async () => expect(await letters()).toHaveLength(5));
    const found = await letters();
    expect(found.map(({ reason }) => reason).sort()).toEqual([
      'bad_timestamp',
      'malformed_json',
      'missing_field',
      'tenant_mismatch',
      'wrong_type',
    ]);
    const late = found.find(({ reason }) => reason === 'bad_timestamp')!;
    expect(late).toMatchObject({
      ...{ topic, door: 'kafka', agent_id: AGENT, conversation_id: 'c1', version: null },
      detail: expect.stringMatching(/^timestamp must be an RFC 3339/),
      value: Buffer.from(JSON.stringify(aConversation('c1', { timestamp: 'yesterday' }))),
    });
    expect(found.every(({ door }) => door === 'kafka')).toBe(true);
  }, 60_000);

  it('sets aside what the rules refuse, as the command that was made of it; of what was deleted, nothing', async () => {
    const { tenant, send, letters, reaches } = await aPartner();
    const twice = [aMessage('c1', 'm1'), aMessage('c1', 'm1', { content: 'other' })];
    await send(aConversation('c1', { messages: twice.map(({ agent_id: _, ...m }) => m) }), CANARY, {
      'x-of-theirs': CANARY,
    });
    await reaches({ rejected: 1 });
    const [letter] = await letters();
    expect(letter).toMatchObject({
      reason: 'duplicate_key',
      conversation_id: 'c1',
      agent_id: AGENT,
    });
    expect(JSON.parse(String(letter?.['value']))).toMatchObject({
      data: { conversation_id: 'c1', messages: [{ content: 'm1 of c1' }, { content: 'other' }] },
    });
    expect(JSON.stringify(letter)).not.toContain(CANARY);
    expect(JSON.stringify(letter)).not.toContain(Buffer.from(CANARY).toString('base64'));

    await send(aConversation('gone', { user_data: { CANARY } }));
    await reaches({ rejected: 1, created: 1 });
    await tenant.send({ type: 'DeleteConversation', data: { conversation_id: 'gone' } });
    await send(aConversation('gone', { user_data: { CANARY } }));
    await reaches({ rejected: 2, created: 1, updated: 1 });
    expect((await letters()).at(-1)).toMatchObject({
      ...{ reason: 'conversation_deleted', value: null, headers: null, conversation_id: null },
    });
    expect(await tenant.tablesWith(CANARY)).toEqual([]);
  }, 60_000);
}

describe('the Kafka door on the embedded bus', () => {
  describeDoor(() => undefined);
});

describeWithKafka('the Kafka door', () => {
  describeDoor(() => testKafkaBrokers()!);
});
