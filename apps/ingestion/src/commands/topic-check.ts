import { BULK_TOPIC, COMMANDS_TOPIC, INGESTION_GROUP } from '@parley/contracts';
import { type Queryable, readOffsets } from '@parley/event-store';
import { type Bus, type PartitionEnd, type Source } from '@parley/messaging';
import { type Logger } from '@parley/platform';
import { type TenantDatabases, type Tenants } from '@parley/tenancy';
import { aheadOfBus, OffsetsAheadError } from './applied-offsets.js';

/** What the check looks at. */
export interface CheckedParts {
  readonly bus: Bus;
  readonly tenants: Tenants;
  readonly databases: TenantDatabases;
  readonly logger: Logger;
}

interface CheckedTopic {
  readonly source: Omit<Source, 'partition'>;
  readonly ends: readonly PartitionEnd[];
}

/**
 * Refuses to start (`OffsetsAheadError`) where a partition ends before what a tenant has applied of it: the topic was
 * re-created outside of Parley, and its new records would be taken for old ones. A tenant whose database is away is
 * left out: `takeFresh` looks again with its next record.
 */
export async function checkTopics(parts: CheckedParts): Promise<void> {
  const topics = await Promise.all(
    [COMMANDS_TOPIC, BULK_TOPIC].map((topic) => lookAt(parts.bus, topic)),
  );
  for (const { id } of await parts.tenants.list()) {
    try {
      await checkTenant(parts.bus, await parts.databases.pool(id, 'app'), topics);
    } catch (error) {
      if (error instanceof OffsetsAheadError) throw error;
      parts.logger.warn({ err: error, tenant: id }, 'its applied offsets can’t be read for now');
    }
  }
}

async function lookAt(bus: Bus, topic: string): Promise<CheckedTopic> {
  const incarnation = await bus.incarnation(topic);
  const source = { bus: bus.id, incarnation, group: INGESTION_GROUP, topic };
  return { source, ends: await bus.ends(topic) };
}

async function checkTenant(
  bus: Bus,
  db: Queryable,
  topics: readonly CheckedTopic[],
): Promise<void> {
  for (const { source, ends } of topics) {
    const applied = await readOffsets(db, source);
    if (!findAhead(applied, ends)) continue;
    // Other replicas go on meanwhile, and may have applied what came after the look at the ends.
    const ahead = findAhead(applied, await bus.ends(source.topic));
    if (ahead) throw aheadOfBus({ ...source, partition: ahead.partition }, ahead.next, ahead.end);
  }
}

function findAhead(applied: ReadonlyMap<number, number>, ends: readonly PartitionEnd[]) {
  for (const { partition, highWater: end } of ends) {
    const next = applied.get(partition) ?? 0;
    if (next > end) return { partition, next, end };
  }
  return null;
}
