import { BULK_TOPIC, COMMANDS_TOPIC, INGESTION_GROUP } from '@parley/contracts';
import { readOffsets } from '@parley/event-store';
import { type Bus } from '@parley/messaging';
import { type TenantDatabases, type Tenants } from '@parley/tenancy';
import { aheadOfBus } from './applied-offsets.js';

/** What the check looks at. */
export interface CheckedParts {
  readonly bus: Bus;
  readonly tenants: Tenants;
  readonly databases: TenantDatabases;
}

/**
 * Refuses to start (`OffsetsAheadError`) where a partition ends before what a tenant has applied of it: the topic was
 * re-created outside of Parley, and its new records would be taken for old ones.
 */
export async function checkTopics({ bus, tenants, databases }: CheckedParts): Promise<void> {
  const all = await tenants.list();
  for (const topic of [COMMANDS_TOPIC, BULK_TOPIC]) {
    const incarnation = await bus.incarnation(topic);
    const ends = await bus.ends(topic);
    const source = { bus: bus.id, incarnation, group: INGESTION_GROUP, topic };
    for (const { id } of all) {
      const applied = await readOffsets(await databases.pool(id, 'app'), source);
      for (const { partition, highWater } of ends) {
        const next = applied.get(partition) ?? 0;
        if (next > highWater) throw aheadOfBus({ topic, partition }, next, highWater);
      }
    }
  }
}
