/** Commands of people and programs, and of our own services; the interactive lane. */
export const COMMANDS_TOPIC = 'ingestion.commands.v1';

/** Commands of S3 files and manual uploads; the bulk lane. */
export const BULK_TOPIC = 'ingestion.bulk.v1';

/** What is in the logs, for other services: each tenant's events in the order of its log. */
export const EVENTS_TOPIC = 'ingestion.events.v1';

/** The consumer group of the only writer of the log. */
export const INGESTION_GROUP = 'ingestion';

/** The consumer group of the partners' topics: of the same writer, with offsets of its own. */
export const PARTNERS_GROUP = 'ingestion.partners';

/** Partitions of each of our topics; the same partitioner on both buses keeps a conversation in one of them. */
export const TOPIC_PARTITIONS = 6;

/** Largest value of one record on the bus, in bytes; a single header or message above it is `too_large` at every door. */
export const MAX_RECORD_BYTES = 900 * 1024;

/** The key that keeps the records of a conversation in order. */
export function recordKey(tenant: string, conversationId: string): string {
  return `${tenant}/${conversationId}`;
}

const PARTNERS = 'partners.';
const CONVERSATIONS = '.conversations.v1';

/** The topic that a tenant's partner produces to: whose it is, is what says whose its records are. */
export function partnerTopic(tenantId: string): string {
  return `${PARTNERS}${tenantId}${CONVERSATIONS}`;
}

/** The tenant whose partner produces to a topic; null where it is none of a partner. */
export function tenantOfPartnerTopic(topic: string): string | null {
  const tenant = topic.slice(PARTNERS.length, -CONVERSATIONS.length);
  return tenant !== '' && topic === partnerTopic(tenant) ? tenant : null;
}
