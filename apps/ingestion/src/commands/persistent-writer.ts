import { setTimeout as delay } from 'node:timers/promises';
import { type Receipt } from '@parley/contracts';
import { type EventStore, isTransient, type Lane, type LogTransaction } from '@parley/event-store';
import { type Source } from '@parley/messaging';
import { backoffMs, type Logger } from '@parley/platform';
import { applyChunk } from './apply-chunk.js';
import { OffsetsAheadError } from './applied-offsets.js';
import { type Delivery } from './prepared-record.js';
import { setAside } from './set-aside.js';

/** What a writer works with; `currentEnd` asks the bus where a partition ends now. */
export interface PersistentWriterParts {
  readonly store: EventStore;
  readonly lane: Lane;
  readonly currentEnd: (source: Source) => Promise<number>;
  readonly onReceipts: (receipts: readonly Receipt[]) => void;
  readonly logger: Logger;
}

/** Tries of a batch, and then of each of its records alone. */
const TRIES = 3;

/**
 * Writes batches such that no record can stop the others. Where a batch fails for good its records are applied one by
 * one, and the one that still fails becomes a dead letter. Throws only what may pass by itself, and `OffsetsAheadError`.
 */
export class PersistentWriter {
  constructor(private readonly parts: PersistentWriterParts) {}

  /** Resolves when every record has had its effect or is a dead letter; rejects soon after `signal` has fired. */
  async write(deliveries: readonly Delivery[], signal?: AbortSignal): Promise<void> {
    try {
      await this.writeAll(deliveries, signal);
    } catch (error) {
      if (!(error instanceof OffsetsAheadError)) throw error;
      // The ends that came with the records are as old as these: another consumer may have gone further since.
      const current = await Promise.all(deliveries.map((one) => this.withCurrentEnd(one)));
      await this.writeAll(current, signal);
    }
  }

  private async withCurrentEnd(delivery: Delivery): Promise<Delivery> {
    return { ...delivery, highWater: await this.parts.currentEnd(delivery.source) };
  }

  private async writeAll(deliveries: readonly Delivery[], signal?: AbortSignal): Promise<void> {
    if ((await this.attempt(deliveries, signal)) === null) return;
    for (const single of deliveries.flatMap(singles)) {
      const defect = await this.attempt([single], signal);
      if (defect) await this.giveUp(single, defect.cause, signal);
    }
  }

  /** Null when the deliveries are applied; what the last try threw where that is a defect. */
  private async attempt(
    deliveries: readonly Delivery[],
    signal?: AbortSignal,
  ): Promise<{ cause: unknown } | null> {
    for (let tries = 1; ; tries++) {
      try {
        await this.transact((tx) => applyChunk(tx, deliveries), signal);
        return null;
      } catch (cause) {
        signal?.throwIfAborted();
        if (isTransient(cause) || cause instanceof OffsetsAheadError) throw cause;
        if (tries === TRIES) return { cause };
      }
      await delay(backoffMs(tries));
    }
  }

  private async giveUp(single: Delivery, cause: unknown, signal?: AbortSignal): Promise<void> {
    await this.transact((tx) => setAside(tx, single, TRIES), signal);
    const { topic, partition } = single.source;
    const offset = single.records[0]?.record.offset;
    this.parts.logger.error(
      { err: cause, topic, partition, offset },
      'a record can’t be applied by our own fault: it is a dead letter, to be redriven after a repair',
    );
  }

  private async transact(
    work: (tx: LogTransaction) => Promise<readonly Receipt[]>,
    signal?: AbortSignal,
  ): Promise<void> {
    const { store, lane, onReceipts } = this.parts;
    onReceipts(await store.transact(lane, work, signal));
  }
}

function singles(delivery: Delivery): Delivery[] {
  return delivery.records.map((record) => ({ ...delivery, records: [record] }));
}
