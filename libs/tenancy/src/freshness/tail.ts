import { type Door, DOORS, redriveIn } from '@parley/contracts';
import {
  type Bus,
  type DeliveredRecord,
  type RecordRange,
  UnknownTopicError,
} from '@parley/messaging';

/** What counting needs to know of a record. */
export interface TailRecord {
  readonly offset: number;
  /** Milliseconds since 1970, by the bus. */
  readonly timestamp: number;
  readonly tenant: string | null;
  readonly door: Door;
}

/** Records of a range, as far as it was read: all below `next`. */
export interface Tail {
  readonly records: readonly TailRecord[];
  readonly next: number;
}

/** How much is read of a range at most. */
export interface TailLimits {
  readonly records: number;
}

const MAX_BYTES = 32 * 1024 * 1024;
// A member of a group of Kafka may wait for some seconds until it is given anything.
const READ_WITHIN_MS = 8_000;

/** Null where there is no such topic: a tenant without a partner, an installation that never ran. */
export async function incarnationOf(bus: Bus, topic: string): Promise<number | null> {
  try {
    return await bus.incarnation(topic);
  } catch (error) {
    if (error instanceof UnknownTopicError) return null;
    throw error;
  }
}

/** Reads the headers of a range; stops where it gets too long, or takes too long. */
export async function readTail(bus: Bus, range: RecordRange, limits: TailLimits): Promise<Tail> {
  const records: TailRecord[] = [];
  const full = new AbortController();
  const signal = AbortSignal.any([full.signal, AbortSignal.timeout(READ_WITHIN_MS)]);
  let next = range.from;
  let bytes = 0;
  const take = async (some: readonly DeliveredRecord[]) => {
    for (const record of some) {
      bytes += record.value?.length ?? 0;
      if (redriveIn(record) === null) records.push(tailRecord(record));
    }
    next = (some.at(-1)?.offset ?? next) + 1;
    if (next < range.to && (records.length >= limits.records || bytes >= MAX_BYTES)) full.abort();
  };
  if (range.from >= range.to) return { records, next };
  try {
    await bus.readRange(range, take, signal);
    return { records, next: range.to };
  } catch (error) {
    if (!signal.aborted) throw error;
    return { records, next };
  }
}

function tailRecord({ offset, timestamp, headers }: DeliveredRecord): TailRecord {
  const source = headers['ce_source']?.toString('utf8');
  return {
    ...{ offset, timestamp },
    tenant: headers['ce_tenant']?.toString('utf8') ?? null,
    // As in the ledger: whatever names no door of ours was produced by somebody else.
    door: DOORS.find((known) => source === `/doors/${known}`) ?? 'kafka',
  };
}
