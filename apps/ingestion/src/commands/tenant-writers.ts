import { type Receipt } from '@parley/contracts';
import { readModels } from '@parley/domain';
import { type ReadModelVersion } from '@parley/event-sourcing';
import { EventStore, type Lane } from '@parley/event-store';
import { type TenantDatabases } from '@parley/tenancy';
import { Availability } from '../parking/availability.js';
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
  /** How long a tenant's database may be away before whoever writes to it is told; 500 ms by default. */
  readonly parkAfterMs?: number;
  /** The versions of the read models that it writes; those of this release by default. */
  readonly models?: readonly ReadModelVersion[];
}

/** Messages in one transaction, at most. Bulk work holds the log lock for about 20 ms, so that chat never waits long. */
const MAX_RECORDS: Readonly<Record<Lane, number>> = { interactive: 1000, bulk: 500 };

const PARK_AFTER_MS = 500;

/** Writes the logs of all tenants: per tenant and lane one merging queue, so one transaction at a time. */
export class TenantWriters {
  private readonly stores = new Map<string, EventStore>();
  private readonly availabilities = new Map<string, Availability>();
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

  /** Whether the tenant's database is there: all work on it that others wait for goes through this. */
  availability(tenant: string): Availability {
    const { parkAfterMs = PARK_AFTER_MS } = this.parts;
    const ping = async (signal: AbortSignal) => (await this.open(tenant)).ping(signal);
    const found = this.availabilities.get(tenant) ?? new Availability({ ping, parkAfterMs });
    this.availabilities.set(tenant, found);
    return found;
  }

  /**
   * Resolves when the delivery's records have had their effect or are dead letters; else rejects as `PersistentWriter`,
   * or with `DatabaseAwayError` where the database stays away.
   */
  write(tenant: string, lane: Lane, delivery: Delivery): Promise<void> {
    const queue = this.queue(`${lane}/${tenant}`, () => this.newQueue(tenant, lane));
    return queue.push(delivery, weightOf(delivery));
  }

  /**
   * As `write`, but tried once: for records that others have passed over before. One delivery after the other, as they
   * would wait for the same lock, each with a connection, until none was left to ask whether the database is there.
   */
  catchUp(tenant: string, delivery: Delivery): Promise<void> {
    const oneByOne = () =>
      new MergingQueue<Delivery>(1, async (deliveries) => {
        const writer = await this.writer(tenant, 'bulk');
        await this.availability(tenant).once((signal) => writer.write(deliveries, signal));
      });
    return this.queue(`catch-up/${tenant}`, oneByOne).push(delivery, 1);
  }

  private queue(name: string, make: () => MergingQueue<Delivery>): MergingQueue<Delivery> {
    const queue = this.queues.get(name) ?? make();
    this.queues.set(name, queue);
    return queue;
  }

  private newQueue(tenant: string, lane: Lane): MergingQueue<Delivery> {
    return new MergingQueue(MAX_RECORDS[lane], async (deliveries) => {
      const writer = await this.writer(tenant, lane);
      await this.availability(tenant).persist((signal) => writer.write(deliveries, signal));
    });
  }

  private async writer(tenant: string, lane: Lane): Promise<PersistentWriter> {
    const { receipts: listener, currentEnd, logger } = this.parts;
    const onReceipts = (receipts: readonly Receipt[]) => listener?.post(tenant, receipts);
    const store = await this.open(tenant);
    return new PersistentWriter({ store, lane, currentEnd, onReceipts, logger });
  }
}

/** A conversation weighs as many as it has messages: they are what a transaction takes its time for. */
function weightOf({ records }: Delivery): number {
  return records.reduce(
    (sum, record) => sum + (isCommand(record) ? record.hashes.size || 1 : 1),
    0,
  );
}
