import { setTimeout as delay } from 'node:timers/promises';
import { type Chunk, type DeliveredRecord, type Source } from '@parley/messaging';
import { type ParkedRecords, type ParkingPlace, type SkippedRange } from '@parley/tenancy';

/** What is known of a partition to who consumes it: up to where it is handled, and who is parked there. */
interface KnownPartition {
  next: number;
  readonly tenants: Set<string>;
}

const LOOK_AGAIN_MS = 20;

/**
 * Which tenants are parked on the partitions that this process consumes.
 *
 * No record may be applied while an earlier one of the same tenant and partition has been passed over and not been
 * applied: it would move the applied offset past it, and it would be lost. Whoever consumes a partition without a gap
 * knows of all that was passed over there, for it did so itself. Whoever begins at an offset, or comes back to a
 * partition at another one than it left it, reads the rows first: they are written before the offset of what they
 * cover can be committed, so whoever is given a later offset finds them. That holds over rebalances, crashes and
 * members that were out of their group without knowing, and costs nothing as long as nothing is parked.
 */
export class ParkingLot {
  /** By the source object that a partition's worker hands out: each worker, and so each assignment, has its own. */
  private readonly partitions = new WeakMap<Source, KnownPartition>();

  constructor(private readonly parked: ParkedRecords) {}

  /** To be called with each chunk before anything is done with it. */
  async enter({ source, records }: Chunk): Promise<void> {
    const first = records[0]?.offset;
    if (first === undefined || this.partitions.get(source)?.next === first) return;
    const tenants = new Set(await this.parked.tenantsOn(source));
    this.partitions.set(source, { next: first, tenants });
  }

  /** To be called when all records of a chunk are dealt with. */
  leave({ source, records }: Chunk): void {
    const known = this.partitions.get(source);
    const last = records.at(-1);
    if (known && last) known.next = last.offset + 1;
  }

  /**
   * Passes over a tenant's records if it is parked there; answers whether it was. When it no longer is, all that was
   * passed over has been applied, and these records are the next ones. A place that is about to be emptied is waited
   * for, at most as long as it is held.
   */
  async passOver(place: ParkingPlace, records: readonly DeliveredRecord[]): Promise<boolean> {
    const known = this.partitions.get(place.source);
    while (known?.tenants.has(place.tenant)) {
      const outcome = await this.parked.skip(place, rangeOf(records));
      if (outcome === 'skipped') return true;
      if (outcome === 'not-parked') known.tenants.delete(place.tenant);
      else await delay(LOOK_AGAIN_MS);
    }
    return false;
  }

  /** Parks a tenant whose database is away; resolves when it is written down, before which the offset must not pass. */
  async park(place: ParkingPlace, records: readonly DeliveredRecord[]): Promise<void> {
    await this.parked.park(place, rangeOf(records));
    this.partitions.get(place.source)?.tenants.add(place.tenant);
  }
}

function rangeOf(records: readonly DeliveredRecord[]): SkippedRange {
  const offsets = records.map(({ offset }) => offset);
  return { from: offsets[0] ?? 0, to: (offsets.at(-1) ?? 0) + 1, records: records.length };
}
