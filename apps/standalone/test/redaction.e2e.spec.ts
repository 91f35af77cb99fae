import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { partnerTopic } from '@parley/contracts';
import { sentText } from '@parley/domain';
import { readDigest } from '@parley/event-store';
import { ensurePartnerTopic, Partners } from '@parley/tenancy';
import {
  describeWithKafka,
  eventually,
  type KafkaBroker,
  startOwnKafkaBroker,
} from '@parley/testing';
import { aMessage, aRecord, canaries, POLICY } from './support/canaries.js';
import { InProcess } from './support/in-process.js';
import { findLeaks } from './support/leak-scan.js';

const DOORS = ['http', 'batch', 'call', 'unknown', 'kafka', 'waiting', 'woken', 'refused', 'name'];

function describeDoors(brokers: () => string | undefined): void {
  const logged: string[] = [];
  let parley: InProcess;
  let topic: string;

  beforeAll(async () => {
    parley = await InProcess.start({ brokers: brokers(), logged });
    topic = partnerTopic(parley.tenant);
    const { bus, control } = parley.installation;
    await ensurePartnerTopic(bus, topic);
    await new Partners(control).create(parley.tenant, null);
  }, 60_000);
  afterAll(() => parley.stop(), 60_000);

  /** The canaries of a round, a set for each door. */
  const canariesOf = (round: number) =>
    new Map(DOORS.map((door, place) => [door, canaries(round * 100 + place)]));

  function leaksOf(texts: readonly string[]): Promise<string[]> {
    const { adminUrl, installation } = parley;
    const places = { adminUrl, bus: installation.bus, brokers: brokers(), logged };
    return findLeaks({ ...places, ownTopic: topic }, texts);
  }

  /** Sends canaries by every door; with names that begin with `round`. */
  async function sendByHttp(round: string, of: ReturnType<typeof canariesOf>): Promise<number[]> {
    const conversation_id = `${round}-http`;
    const answers = [
      await parley.post('conversations', aRecord(conversation_id, of.get('http')!)),
      await parley.post('messages', { conversation_id, ...aMessage('m1', of.get('call')!) }),
      await parley.post('messages', {
        ...{ conversation_id: `${round}-nowhere`, ...aMessage('m1', of.get('unknown')!) },
      }),
      await parley.post('conversations', [aRecord(`${round}-batch`, of.get('batch')!)]),
      await parley.post('conversations', aRecord(of.get('name')!.email, of.get('name')!)),
      await parley.post('messages', [
        { conversation_id, ...aMessage('m2', of.get('batch')!) },
        { conversation_id, ...aMessage(of.get('batch')!.card, of.get('batch')!) },
        { conversation_id, ...aMessage('m3', of.get('batch')!), content: 'TOP SECRET' },
      ]),
    ];
    return answers.map(({ status }) => status);
  }

  async function sendByPartner(round: string, of: ReturnType<typeof canariesOf>): Promise<void> {
    const [kafka, waiting, woken] = [of.get('kafka')!, of.get('waiting')!, of.get('woken')!];
    const [refused, name] = [of.get('refused')!, of.get('name')!];
    const alone = (id: string, from: typeof kafka) => ({
      ...{ conversation_id: `${round}-${id}`, agent_id: 'bot', ...aMessage('m1', from) },
    });
    const records = [
      { ...aRecord(`${round}-kafka`, kafka), messages: [aMessage('m1', kafka)] },
      alone('waiting', waiting),
      alone('woken', woken),
      aRecord(`${round}-woken`, woken),
      {
        ...aRecord(`${round}-refused`, refused),
        messages: [aMessage('m1', refused), { ...aMessage('m1', refused), role: 'agent' }],
      },
      aRecord(name.card, name),
      { ...aRecord(`${round}-secret`, name), mood: 'TOP SECRET' },
      aRecord(`${round}-last`, kafka),
    ];
    const headers = { 'x-theirs': kafka.email };
    await parley.installation.bus.publish(
      topic,
      records.map((record) => ({
        ...{ key: kafka.phone, headers, value: Buffer.from(JSON.stringify(record)) },
      })),
    );
    const last = async () => (await parley.get(`conversations/${round}-last`)).status;
    await eventually(async () => expect(await last()).toBe(200), { timeoutMs: 30_000 });
  }

  const textsOf = (of: ReturnType<typeof canariesOf>) =>
    [...of.values()].flatMap((set) => Object.values(set) as string[]);

  it('keep everything where nothing is to be masked, so that the scan has something to find', async () => {
    const policy = { missing_info_fields: false };
    expect(await parley.put('redaction', policy)).toMatchObject({ status: 200 });
    const of = canariesOf(1);
    expect(await sendByHttp('off', of)).toEqual([200, 200, 404, 200, 200, 200]);
    await sendByPartner('off', of);
    const leaks = await leaksOf(textsOf(of));
    const found = new Set(leaks.map((leak) => leak.slice(leak.indexOf(': ') + 2)));
    // A message to no conversation leaves a trace on the bus alone.
    expect(textsOf(of).filter((text) => !found.has(text))).toEqual([]);
    const places = new Set(
      leaks.map((leak) => leak.replace(/: .*/, '').replace(/^.*\.|_\d+$/g, '')),
    );
    expect([...places]).toEqual(
      expect.arrayContaining(['event_payloads', 'messages', 'waiting_records', 'dead_letters']),
    );
    expect(places).not.toContain('log');
  }, 120_000);

  it('keep none of it where it is', async () => {
    expect(await parley.put('redaction', POLICY)).toMatchObject({ status: 200 });
    const of = canariesOf(2);
    expect(await sendByHttp('on', of)).toEqual([200, 200, 404, 200, 422, 200]);
    await sendByPartner('on', of);
    expect(await leaksOf(textsOf(of))).toEqual([]);
  }, 120_000);

  it('set aside what the policy refuses without a word of it, and the rest as it was masked', async () => {
    const { rows } = await parley.pool.query<Record<string, unknown>>(
      `SELECT reason, convert_from(value, 'UTF8')::json -> 'redaction' -> 'masked' AS masked, headers, record_key,
        conversation_id FROM dead_letters WHERE arrived_at > (SELECT max(created_at) FROM redaction_policies)
        ORDER BY reason, arrived_at`,
    );
    const nothing = { masked: null, record_key: null, conversation_id: null, headers: {} };
    expect(rows).toMatchObject([
      { reason: 'duplicate_key', masked: expect.arrayContaining(['messages[].content: email']) },
      { reason: 'redaction_rejected', ...nothing },
      { reason: 'redaction_rejected', ...nothing },
    ]);
  });

  it('say in the receipt what was masked, and keep a keyed digest of the hash of what was sent beside the content', async () => {
    const sent = aMessage('m1', canariesOf(2).get('kafka')!);
    const { body } = await parley.get('conversations/on-kafka');
    expect(body).toMatchObject({
      user_data: {
        contact: { mail: ['[email]'], '[email]': 'a name' },
        phone_number: '[redacted]',
      },
      'about [employee]': { card: '[card]' },
      messages: [{ sender_id: '[email]', note: '[redacted]' }],
    });
    const active = await parley.pool.query<{ name: string }>(
      `SELECT name FROM read_model_schemas WHERE state = 'active'`,
    );
    const schema = active.rows[0]?.name;
    const { rows } = await parley.pool.query(
      `SELECT encode(m.sent_hash, 'hex') AS hash, masked FROM ${schema}.messages m
        JOIN ${schema}.conversations c USING (stream_id) JOIN receipts r USING (stream_id)
        WHERE conversation_id = 'on-kafka'`,
    );
    const hash = createHash('sha256').update(canonical(sent)).digest('hex');
    const masked = expect.arrayContaining(['user_data.phone_number: missing_info']);
    const digest = await readDigest(parley.pool);
    expect(rows).toEqual([{ hash: digest(sentText(hash)), masked }]);
  });
}

/** The canonical form (RFC 8785) of what has neither fractions nor names beyond ASCII. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`;
}

describe('the doors on the embedded bus', () => {
  describeDoors(() => undefined);
});

describeWithKafka('the doors on Kafka', () => {
  let broker: KafkaBroker | undefined;
  beforeAll(async () => {
    broker = (await startOwnKafkaBroker()) ?? undefined;
  }, 60_000);
  afterAll(() => broker?.stop());
  describeDoors(() => broker?.brokers);
});
