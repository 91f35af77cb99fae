import { type Problem } from '@parley/contracts';
import { type Lane } from '@parley/event-store';
import { type DeliveredRecord, type Source } from '@parley/messaging';
import { prepare, type PreparedRecord, tenantOf, unreadable } from './prepared-record.js';

/** Makes of a record what the transaction takes; never throws for what the record holds. */
export type Prepare = (record: DeliveredRecord, source: Source) => PreparedRecord;

/** How records are read: the first `count` of those that were asked for, at least one. */
export interface Reading {
  readonly prepare: Prepare;
  readonly count: number;
}

/** Of whole conversations that is some 500 messages, as a transaction of the bulk lane is to hold. */
export const MERGED_BYTES = 512 * 1024;

/** How the records of a kind of topic are read. */
export interface RecordReader {
  readonly lane: Lane;
  /** Whose record it is, read or not; null where that can't be told. */
  tenantOf(record: DeliveredRecord, source: Source): string | null;
  /**
   * Asked for the records of a tenant in a chunk, and again for those that it left; rejects where something that reading
   * needs is away.
   */
  prepareFor(tenant: string, records: readonly DeliveredRecord[]): Promise<Reading>;
  /** What becomes of a record that can't be read by our own fault. */
  giveUp(record: DeliveredRecord, problem: Problem): PreparedRecord;
}

/** How our own topics are read: commands, each with its tenant in its header. */
export function commandReader(lane: Lane): RecordReader {
  const prepareFor: RecordReader['prepareFor'] = async (_, { length: count }) => ({
    prepare,
    count,
  });
  return { lane, tenantOf, prepareFor, giveUp: unreadable };
}
