import { type Receipt } from '@parley/contracts';
import { readModels } from '@parley/domain';
import { type ReadModelVersion } from '@parley/event-sourcing';
import { EventStore, type Lane } from '@parley/event-store';
import { type TenantDatabases } from '@parley/tenancy';
import { MergingQueue } from './merging-queue.js';
import { PersistentWriter, type PersistentWriterParts } from './persistent-writer.js';
import { type Delivery, isCommand } from './prepared-record.js';

/** Told of receipts right after their commit, in this process; others read them from the ledger. */
export interface ReceiptListener {
  post(tenant: string, receipts: readonly Receipt[]): void;
}

/** What the writers stand on; `receipts` is told of theirs. */
export interface TenantWritersParts extends Pick<PersistentWriterParts, 'currentEnd' | 'logger'> {
  readonly databases: TenantDatabases;
  readonly receipts?: ReceiptListener;
  /** The versions of the read models that it writes; those of this release by default. */
  readonly models?: readonly ReadModelVersion[];
}

/** Messages in one transaction, at most. Bulk work holds the log lock for about 20 ms, so that chat never waits long. */
const MAX_RECORDS: Readonly<Record<Lane, number>> = { interactive: 1000, bulk: 500 };

/** Writes the logs of all tenants: per tenant and lane one merging queue, so one transaction at a time. */
export class TenantWriters {
  private readonly stores = new Map<string, EventStore>();
  private readonly queues = new Map<string, MergingQueue<Delivery>>();

  constructor(private readonly parts: TenantWritersParts) {}

  /** The store of a tenant; throws `tenant/unknown`. */
  async open(tenant: string): Promise<EventStore> {
    const found = this.stores.get(tenant);
    if (found) return found;
    const { databases, models = readModels } = this.parts;
    const store = new EventStore(await databases.pool(tenant, 'app'), models);
    this.stores.set(tenant, store);
    return store;
  }

  /**
   * For readiness: throws where every tenant written to last time had read models that this code does not know. One that
   * is ahead alone keeps only its own records waiting.
   */
  check(): void {
    const stores = [...this.stores.values()];
    if (stores.length > 0 && stores.every((store) => store.isBehind))
      throw new Error('this release is older than all databases it writes to');
  }

  /** Resolves when the delivery's records have had their effect or are dead letters; else rejects as `PersistentWriter`. */
  write(tenant: string, lane: Lane, delivery: Delivery): Promise<void> {
    const name = `${lane}/${tenant}`;
    const queue = this.queues.get(name) ?? this.newQueue(tenant, lane);
    this.queues.set(name, queue);
    return queue.push(delivery, weightOf(delivery));
  }

  private newQueue(tenant: string, lane: Lane): MergingQueue<Delivery> {
    const { receipts: listener, currentEnd, logger } = this.parts;
    const onReceipts = (receipts: readonly Receipt[]) => listener?.post(tenant, receipts);
    return new MergingQueue(MAX_RECORDS[lane], async (deliveries) => {
      const store = await this.open(tenant);
      const writer = new PersistentWriter({ store, lane, currentEnd, onReceipts, logger });
      await writer.write(deliveries);
    });
  }
}

/** A conversation weighs as many as it has messages: they are what a transaction takes its time for. */
function weightOf({ records }: Delivery): number {
  return records.reduce(
    (sum, record) => sum + (isCommand(record) ? record.hashes.size || 1 : 1),
    0,
  );
}
