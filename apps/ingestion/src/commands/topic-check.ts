import { setTimeout as delay } from 'node:timers/promises';
import { BULK_TOPIC, COMMANDS_TOPIC, INGESTION_GROUP, PARTNERS_GROUP } from '@parley/contracts';
import { type Queryable, readOffsets } from '@parley/event-store';
import { type Bus, type PartitionEnd, type Source } from '@parley/messaging';
import { type Logger } from '@parley/platform';
import { type PartnerOfTenant, type TenantDatabases, type Tenants } from '@parley/tenancy';
import { aheadOfBus, OffsetsAheadError } from './applied-offsets.js';

/** What the checks look at. */
export interface CheckedParts {
  readonly bus: Bus;
  readonly databases: TenantDatabases;
  readonly logger: Logger;
}

interface CheckedTopic {
  readonly source: Omit<Source, 'partition'>;
  readonly ends: readonly PartitionEnd[];
}

/** Databases that are away take their time to say so; one that is silent is not waited for. */
const AT_ONCE = 20;
const ANSWERS_WITHIN_MS = 1_000;

/**
 * Refuses to start (`OffsetsAheadError`) where a partition ends before what a tenant has applied of it: the topic was
 * re-created outside of Parley, and its new records would be taken for old ones. A tenant whose database is away is
 * left out: `takeFresh` looks again with its next record.
 */
export async function checkTopics(parts: CheckedParts & { tenants: Tenants }): Promise<void> {
  const topics = await Promise.all(
    [COMMANDS_TOPIC, BULK_TOPIC].map((topic) => lookAt(parts.bus, INGESTION_GROUP, topic)),
  );
  const tenants = await parts.tenants.list();
  for (let from = 0; from < tenants.length; from += AT_ONCE) {
    const some = tenants.slice(from, from + AT_ONCE);
    await Promise.all(some.map(({ id }) => checkTenant(parts, id, topics)));
  }
}

/** The same for the topic of a tenant's partner. */
export async function checkPartnerTopic(
  parts: CheckedParts,
  { tenantId, topic }: Pick<PartnerOfTenant, 'tenantId' | 'topic'>,
): Promise<void> {
  await checkTenant(parts, tenantId, [await lookAt(parts.bus, PARTNERS_GROUP, topic)]);
}

async function lookAt(bus: Bus, group: string, topic: string): Promise<CheckedTopic> {
  const incarnation = await bus.incarnation(topic);
  return { source: { bus: bus.id, incarnation, group, topic }, ends: await bus.ends(topic) };
}

async function checkTenant(
  { bus, databases, logger }: CheckedParts,
  tenant: string,
  topics: readonly CheckedTopic[],
): Promise<void> {
  const compareAll = async () => {
    const db = await databases.pool(tenant, 'app');
    for (const topic of topics) await compare(bus, db, topic);
  };
  const looked = new AbortController();
  const { signal } = looked;
  try {
    await Promise.race([compareAll(), delay(ANSWERS_WITHIN_MS, null, { signal }).then(silent)]);
  } catch (error) {
    if (error instanceof OffsetsAheadError) throw error;
    logger.warn({ err: error, tenant }, 'its applied offsets can’t be read for now');
  } finally {
    looked.abort();
  }
}

function silent(): never {
  throw new Error('the database does not answer');
}

async function compare(bus: Bus, db: Queryable, { source, ends }: CheckedTopic): Promise<void> {
  const applied = await readOffsets(db, source);
  if (!findAhead(applied, ends)) return;
  // Other replicas go on meanwhile, and may have applied what came after the look at the ends.
  const ahead = findAhead(applied, await bus.ends(source.topic));
  if (ahead) throw aheadOfBus({ ...source, partition: ahead.partition }, ahead.next, ahead.end);
}

function findAhead(applied: ReadonlyMap<number, number>, ends: readonly PartitionEnd[]) {
  for (const { partition, highWater: end } of ends) {
    const next = applied.get(partition) ?? 0;
    if (next > end) return { partition, next, end };
  }
  return null;
}
