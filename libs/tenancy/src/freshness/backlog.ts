import { type Door } from '@parley/contracts';
import { type Tail } from './tail.js';

/** Records of one tenant and door that are not applied. */
export interface Backlog {
  readonly door: Door;
  readonly records: number;
  readonly parked: number;
  /** When the oldest of them came, in milliseconds since 1970; null where there is none, or none was looked at. */
  readonly oldest: number | null;
  readonly isAtLeast: boolean;
}

/** Which records of a tail are looked for: those of one tenant from an offset on, of them those below another are parked. */
export interface Unapplied {
  readonly tenant: string;
  readonly from: number;
  readonly parkedTo: number;
}

/** What a tail that tenants share holds of one of them, by door. */
export function sharedBacklog({ records }: Tail, unapplied: Unapplied): readonly Backlog[] {
  const { tenant, from, parkedTo } = unapplied;
  const own = records.filter((record) => record.tenant === tenant && record.offset >= from);
  return [...Map.groupBy(own, ({ door }) => door)].map(([door, found]) => ({
    door,
    records: found.length,
    parked: found.filter(({ offset }) => offset < parkedTo).length,
    oldest: Math.min(...found.map(({ timestamp }) => timestamp)),
    isAtLeast: false,
  }));
}

/** Of a tail that is not read to its end, nobody knows what else it holds. */
export function unreadBacklog(doors: readonly Door[]): readonly Backlog[] {
  return doors.map((door) => ({ door, records: 0, parked: 0, oldest: null, isAtLeast: true }));
}

/** What is left of a partition of the tenant's own: what was not read is counted by its offsets. */
export function ownBacklog({ records, next }: Tail, end: number, parkedTo: number): Backlog {
  const parked = records.filter(({ offset }) => offset < parkedTo).length;
  return {
    door: 'kafka',
    records: records.length + end - next,
    parked: parked + Math.max(0, Math.min(parkedTo, end) - next),
    oldest: records.length > 0 ? Math.min(...records.map(({ timestamp }) => timestamp)) : null,
    isAtLeast: false,
  };
}
