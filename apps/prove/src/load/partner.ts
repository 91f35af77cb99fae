import { partnerTopic } from '@parley/contracts';
import { ensurePartnerTopic, Partners } from '@parley/tenancy';
import { type ProvenTenant, type World } from '../world/world.js';

/** What a partner sends: how many of its records are bad. */
export interface Produced {
  readonly bad: number;
}

/** What became of a partner's records. */
export interface Outcomes {
  readonly created: number;
  readonly updated: number;
  readonly identical: number;
  readonly superseded: number;
  readonly waiting: number;
  readonly rejected: number;
  readonly dead: number;
  readonly total: number;
}

const PUBLISHED_AT_ONCE = 100;
const CONVERSATIONS = 60;
const BAD_EVERY = 20;
const ORPHAN_EVERY = 101;
const REPEATED_EVERY = 7;

const BAD: readonly string[] = [
  '{"conversation_id": "c", ',
  '{"conversation_id": "c"}',
  `{"message_id": "m", "conversation_id": "c", "role": "king", "sender_id": "s", "content": "x", "timestamp": "2026-01-15T10:30:00Z"}`,
  `{"message_id": "m", "conversation_id": "c", "role": "customer", "sender_id": "s", "content": "\\u0000", "timestamp": "2026-01-15T10:30:00Z"}`,
  `{"message_id": "m", "conversation_id": "c", "role": "customer", "sender_id": "s", "content": "\\ud800", "timestamp": "2026-01-15T10:30:00Z"}`,
  `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  '[]',
  '\ufffe',
];

/** Registers the tenant's partner; answers its topic, made. */
export async function openPartner({ installation }: World, { id }: ProvenTenant): Promise<string> {
  const topic = partnerTopic(id);
  await ensurePartnerTopic(installation.bus, topic);
  await new Partners(installation.control).create(id, null);
  return topic;
}

/** Publishes conversations and messages, some of them again, some bad, some before a conversation that never comes. */
export async function producePartnerRecords(
  { installation }: World,
  topic: string,
  count: number,
): Promise<Produced> {
  let bad = 0;
  for (let from = 0; from < count; from += PUBLISHED_AT_ONCE) {
    const numbers = Array.from({ length: PUBLISHED_AT_ONCE }, (_, index) => from + index);
    const records = numbers.map((number) => partnerRecord(number));
    bad += records.filter(({ isBad }) => isBad).length;
    await installation.bus.publish(
      topic,
      records.map(({ key, value }) => ({ key, value: Buffer.from(value), headers: {} })),
    );
  }
  return { bad };
}

/** What the ledger says of the tenant's partner records. */
export async function countOutcomes({ pool }: ProvenTenant): Promise<Outcomes> {
  const receipts = await pool.query<{ disposition: string; count: number }>(
    'SELECT disposition, count(*)::int AS count FROM receipts GROUP BY 1',
  );
  const letters = await pool.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM dead_letters',
  );
  const counted = new Map(receipts.rows.map(({ disposition, count }) => [disposition, count]));
  const of = (disposition: string) => counted.get(disposition) ?? 0;
  const dead = letters.rows[0]?.count ?? 0;
  return {
    ...{ created: of('created'), updated: of('updated'), identical: of('identical') },
    ...{ superseded: of('superseded'), waiting: of('waiting'), rejected: of('rejected'), dead },
    total: receipts.rows.reduce((sum, { count }) => sum + count, dead),
  };
}

function partnerRecord(number: number): { key: string; value: string; isBad: boolean } {
  const conversation = `p-${number % CONVERSATIONS}`;
  if (number % BAD_EVERY === BAD_EVERY - 1) {
    return {
      key: conversation,
      value: BAD[Math.floor(number / BAD_EVERY) % BAD.length]!,
      isBad: true,
    };
  }
  if (number % ORPHAN_EVERY === ORPHAN_EVERY - 1) {
    return { key: 'orphan', value: messageOf('orphan', `m-${number}`), isBad: false };
  }
  if (number > 2 * CONVERSATIONS && number % REPEATED_EVERY === 0) {
    return partnerRecord(number - CONVERSATIONS);
  }
  const isHeader = number < CONVERSATIONS;
  const message = `m-${number}`;
  const value = isHeader ? conversationOf(conversation) : messageOf(conversation, message);
  return { key: conversation, value, isBad: false };
}

function conversationOf(conversation_id: string): string {
  return JSON.stringify({
    conversation_id,
    agent: 'support_bot',
    timestamp: '2026-01-15T10:30:00Z',
    is_resolved: false,
  });
}

function messageOf(conversation_id: string, message_id: string): string {
  return JSON.stringify({
    message_id,
    conversation_id,
    agent: 'support_bot',
    role: 'customer',
    sender_id: 'customer_1',
    content: `${message_id} of ${conversation_id}`,
    timestamp: '2026-01-15T10:31:00Z',
  });
}
