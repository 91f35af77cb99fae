import { type Door } from '@parley/contracts';

/** How far behind a door is with the records of one tenant. */
export interface Lag {
  /** Records that are durable on the bus and not applied, those that are parked included. */
  readonly records: number;
  /** The age of the oldest of them; 0 where there is none. */
  readonly seconds: number;
  /** Whether there may be more: not all of a long queue that tenants share was looked at. */
  readonly at_least: boolean;
}

/** What came in by one door and is not, or could not be, applied. What is in the database is null while that is away. */
export interface DoorFreshness {
  readonly door: Door;
  readonly lag: Lag;
  /** How many of the lag's records were passed over because the tenant's database was away. */
  readonly parked: number;
  /** Messages that wait for their conversation (D51). */
  readonly waiting: { readonly records: number; readonly oldest_at: string | null } | null;
  readonly dead_letters: {
    readonly records: number;
    readonly by_reason: Readonly<Record<string, number>>;
  } | null;
}

/** A partition as one tenant sees it: the offset after the last one applied, and the one that comes next. */
export interface PartitionFreshness {
  readonly topic: string;
  readonly partition: number;
  /** Null where nothing of the tenant was applied, and while its database is away. */
  readonly applied: number | null;
  readonly end: number;
}

/** What a tenant's log holds, and how much of it was published. */
export interface LogFreshness {
  /** The last position: all up to it is readable. */
  readonly head: number;
  readonly last_recorded_at: string | null;
  readonly unpublished: number;
}

/** Whether all of a tenant's records are applied, and where those are that are not; times are RFC 3339. */
export interface TenantFreshness {
  readonly measured_at: string;
  readonly database: 'up' | 'away';
  readonly log: LogFreshness | null;
  /** On how many partitions the tenant is parked, and since when. */
  readonly parked: { readonly partitions: number; readonly since: string | null };
  readonly doors: readonly DoorFreshness[];
  readonly partitions: readonly PartitionFreshness[];
}
