import { type LogTransaction } from '@parley/event-store';
import { type Source } from '@parley/messaging';
import { type Delivery, type PreparedRecord } from './prepared-record.js';

/** A record that has had no effect yet, and where it came from. */
export interface FreshRecord {
  readonly source: Source;
  readonly prepared: PreparedRecord;
}

/** The topic is not the one whose offsets were applied: it was re-created behind our back. */
export class OffsetsAheadError extends Error {
  override readonly name = 'OffsetsAheadError';
  readonly code = 'offset/ahead-of-bus';
}

/**
 * Drops what was applied before and moves the applied offsets past the rest, in the transaction of its effects: this
 * is what makes redelivery, rebalance and kill -9 harmless. Throws `OffsetsAheadError` where the bus ends before what
 * was applied, rather than take new records for old ones.
 */
export async function takeFresh(
  tx: LogTransaction,
  deliveries: readonly Delivery[],
): Promise<readonly FreshRecord[]> {
  const applied = await tx.ledger.nextOffsets(deliveries.map(({ source }) => source));
  return deliveries.flatMap(({ source, highWater, records }, index) => {
    const from = applied[index] ?? 0;
    if (from > highWater) throw aheadOfBus(source, from, highWater);
    const fresh = records.filter(({ record }) => record.offset >= from);
    const last = fresh.at(-1);
    if (last) tx.ledger.advance(source, from, last.record.offset + 1);
    return fresh.map((prepared) => ({ source, prepared }));
  });
}

/** Says where the bus ends before what was applied. */
export function aheadOfBus(
  { topic, partition }: Pick<Source, 'topic' | 'partition'>,
  applied: number,
  highWater: number,
): OffsetsAheadError {
  return new OffsetsAheadError(
    `${topic}/${partition} ends at ${highWater}, but records up to ${applied} were applied: ` +
      'it was re-created outside of Parley',
  );
}
