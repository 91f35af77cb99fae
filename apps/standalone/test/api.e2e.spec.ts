import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  describeWithKafka,
  eventually,
  type KafkaBroker,
  startOwnKafkaBroker,
} from '@parley/testing';
import { Api } from './support/api.js';
import { type Services, startServices } from './support/services.js';

const run = promisify(execFile);
const SAMPLES = join(import.meta.dirname, 'samples');
const CONVERSATION = {
  conversation_id: 'conv_e2e',
  agent: 'support_bot_01',
  timestamp: '2024-01-15T10:30:00Z',
  is_resolved: false,
  csat_score: 4.5,
};
const MESSAGE = {
  message_id: 'msg_001',
  conversation_id: 'conv_e2e',
  role: 'customer',
  sender_id: 'customer_123',
  content: 'Hello, I need help with my order',
  timestamp: '2024-01-15T10:31:00Z',
};

/** The programs of the documentation. */
const PROGRAMS: [string, [string, string]][] = [
  ['curl', ['bash', 'curl.sh']],
  ['bash', ['bash', 'script.sh']],
  ['axios', [process.execPath, 'upload.cjs']],
  ['requests', ['/usr/bin/python3', 'upload.py']],
];
const hasRequests = spawnSync('/usr/bin/python3', ['-c', 'import requests']).status === 0;
if (!hasRequests)
  process.stderr.write('\nSKIPPED the requests sample (no Python library requests)\n');

function describeUploads(options: () => { brokers?: string }): void {
  let services: Services;
  let api: Api;

  beforeAll(async () => {
    services = await startServices(options());
    api = new Api(services.gateway.url, services.key);
  }, 60_000);
  afterAll(() => services.stop(), 30_000);

  async function position(): Promise<number> {
    const { rows } = await services.pool.query<{ head: string }>(
      'SELECT count(*) AS head FROM conversation_events',
    );
    return Number(rows[0]?.head);
  }

  it.each(PROGRAMS.filter(([name]) => name !== 'requests' || hasRequests))(
    'the documented %s sample succeeds, and again',
    async (_name, [program, file]) => {
      const env = {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        BASE_URL: `${services.gateway.url}/api`,
        API_KEY: services.key,
      };
      for (let time = 0; time < 2; time += 1) {
        const { stdout } = await run(program, [join(SAMPLES, file)], { env });
        expect(stdout).toContain('success');
      }
    },
  );

  it('answers what was sent, with when it was first recorded', async () => {
    const { status, body, headers } = await api.post('conversations', CONVERSATION);
    expect(status).toBe(200);
    expect(body).toEqual({
      ...CONVERSATION,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      status: 'success',
    });
    expect(Object.keys(body).slice(-2)).toEqual(['created_at', 'status']);
    const receipt = await api.get(`ingest/receipts/${headers.get('parley-receipt') ?? ''}`);
    expect(receipt.body).toMatchObject({ disposition: 'created' });
  });

  it('adds no event when the same bytes come again', async () => {
    await api.post('conversations', CONVERSATION);
    await api.post('messages', MESSAGE);
    const before = await position();
    for (const [path, sent] of [
      ['conversations', CONVERSATION],
      ['messages', MESSAGE],
    ] as const) {
      expect((await api.post(path, sent)).status).toBe(200);
    }
    expect(await position()).toBe(before);
  });

  it('reads back what was written, right after the answer', async () => {
    await api.post('messages', { ...MESSAGE, message_id: 'msg_002', content: 'Grüße 👋 \u202e' });
    const { body } = await api.get('conversations/conv_e2e');
    expect(body).toMatchObject({ conversation_id: 'conv_e2e', csat_score: 4.5 });
    expect(body['messages']).toMatchObject([MESSAGE, { content: 'Grüße 👋 \u202e' }]);
    const list = await api.get(
      'conversations?sender_id=customer_123&conversation_id_prefix=conv_e',
    );
    expect(list.body['data']).toHaveLength(1);
  });

  it('refuses a message of an unknown conversation with 404', async () => {
    const { status, body } = await api.post('messages', { ...MESSAGE, conversation_id: 'nobody' });
    expect([status, body['code']]).toEqual([404, 'conversation_not_found']);
  });

  it('takes a batch, each item with a status of its own', async () => {
    const batch = [
      { ...MESSAGE, message_id: 'b1' },
      { message_id: 'b2' },
      { ...MESSAGE, message_id: 'b3' },
    ];
    const { status, body } = await api.post('messages', batch);
    expect(status).toBe(200);
    const statuses = (body as unknown as { status: unknown }[]).map((item) => item.status);
    expect(statuses).toEqual(['success', expect.anything(), 'success']);
    expect(statuses[1]).not.toBe('success');
  });

  it('answers a repeated Idempotency-Key with the first receipt, and refuses another body', async () => {
    const key = { 'idempotency-key': 'e2e-1' };
    const first = await api.post('messages', { ...MESSAGE, message_id: 'i1' }, key);
    const again = await api.post('messages', { ...MESSAGE, message_id: 'i1' }, key);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('parley-receipt')).toBe(first.headers.get('parley-receipt'));
    expect((await api.post('messages', { ...MESSAGE, message_id: 'i2' }, key)).status).toBe(422);
  });

  it('answers 202 and the receipt’s address to a sender that does not want to wait', async () => {
    const prefer = { prefer: 'respond-async' };
    const { status, headers } = await api.post(
      'messages',
      { ...MESSAGE, message_id: 'a1' },
      prefer,
    );
    expect(status).toBe(202);
    const address = (headers.get('location') ?? '').replace(/^.*\/api\//, '');
    await eventually(async () => {
      expect((await api.get(address)).body).toMatchObject({ disposition: 'created' });
    });
  });

  it('deletes a conversation for good: gone everywhere, never revived', async () => {
    const canary = 'canary-7c1f0b5e';
    const doomed = { ...CONVERSATION, conversation_id: 'conv_doomed', user_data: { canary } };
    await api.post('conversations', doomed);
    await api.post('messages', { ...MESSAGE, conversation_id: 'conv_doomed', content: canary });
    expect((await api.delete('conversations/conv_doomed')).status).toBe(200);
    expect((await api.get('conversations/conv_doomed')).status).toBe(404);
    const again = await api.post('conversations', doomed);
    expect([again.status, again.body['code']]).toEqual([409, 'conversation_deleted']);
  });

  it('lets nobody in without a key', async () => {
    const nobody = new Api(services.gateway.url, '');
    expect((await nobody.get('conversations')).status).toBe(401);
    expect((await nobody.post('messages', MESSAGE)).status).toBe(401);
  });
}

describe('the upload API over the embedded bus', () => describeUploads(() => ({})));

describeWithKafka('the upload API over Kafka', () => {
  let broker: KafkaBroker | null = null;
  beforeAll(async () => {
    broker = await startOwnKafkaBroker();
  }, 60_000);
  afterAll(() => broker?.stop());
  describeUploads(() => ({ brokers: broker?.brokers ?? '' }));
});
