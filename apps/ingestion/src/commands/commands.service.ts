import { setImmediate } from 'node:timers/promises';
import { type Lane } from '@parley/event-store';
import { type Chunk, type DeliveredRecord } from '@parley/messaging';
import { type UnroutableRecords } from '@parley/tenancy';
import { type Delivery, prepare, type PreparedRecord, tenantOf } from './prepared-record.js';
import { type TenantWriters } from './tenant-writers.js';

// About a millisecond's work.
const PREPARED_AT_ONCE = 50;

/** Takes chunks apart by tenant, and each tenant's part to its writer. */
export class CommandsService {
  constructor(
    private readonly writers: TenantWriters,
    private readonly unroutable: UnroutableRecords,
  ) {}

  /** Resolves when every record of the chunk has had its effect, or is a dead letter. */
  async apply(chunk: Chunk, lane: Lane): Promise<void> {
    const parts = Map.groupBy(chunk.records, tenantOf);
    await Promise.all(
      Array.from(parts, async ([tenant, records]) => {
        if (tenant === null || !(await this.isKnown(tenant))) {
          return this.unroutable.keep(chunk.source, records, 'unknown_tenant');
        }
        const { source, highWater } = chunk;
        const delivery: Delivery = { source, highWater, records: await prepareAll(records) };
        return this.writers.write(tenant, lane, delivery);
      }),
    );
  }

  private async isKnown(tenant: string): Promise<boolean> {
    try {
      await this.writers.open(tenant);
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === 'tenant/unknown') return false;
      throw error;
    }
  }
}

/** The transaction under way goes first: what it sends and what the database answers come between the slices. */
async function prepareAll(records: readonly DeliveredRecord[]): Promise<PreparedRecord[]> {
  if (records.length <= PREPARED_AT_ONCE) return records.map(prepare);
  const prepared: PreparedRecord[] = [];
  for (let from = 0; from < records.length; from += PREPARED_AT_ONCE) {
    await setImmediate();
    prepared.push(...records.slice(from, from + PREPARED_AT_ONCE).map(prepare));
  }
  return prepared;
}
