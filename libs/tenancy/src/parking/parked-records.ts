import { type Source } from '@parley/messaging';
import { type ControlDatabase } from '../control/control-database.js';

/** One tenant's records on one partition. */
export interface ParkingPlace {
  readonly tenant: string;
  readonly source: Source;
}

/** Records that are passed over: how many there are among the offsets from `from` to just below `to`. */
export interface SkippedRange {
  readonly from: number;
  readonly to: number;
  readonly records: number;
}

/** What is parked at a place; `records` may count one twice that was delivered again. */
export interface Parked extends ParkingPlace, SkippedRange {
  readonly parkedAt: Date;
}

/** What became of records that were to be passed over: nothing yet while somebody is about to empty the place. */
export type SkipOutcome = 'skipped' | 'held' | 'not-parked';

interface Row {
  readonly bus_id: string;
  readonly incarnation: number;
  readonly consumer_group: string;
  readonly topic: string;
  readonly partition: number;
  readonly tenant_id: string;
  readonly skipped_from: string;
  readonly skipped_to: string;
  readonly records: string;
  readonly parked_at: Date;
}

const PARTITION = '(bus_id, incarnation, consumer_group, topic, partition) = ($1, $2, $3, $4, $5)';
const PLACE = `${PARTITION} AND tenant_id = $6`;
// A chunk that is delivered again is not counted again.
const raise = (to: string, records: string) => `
  records = p.records + CASE WHEN p.skipped_to < ${to} THEN ${records}::bigint ELSE 0 END,
  skipped_to = greatest(p.skipped_to, ${to})`;
const PARK = `
  INSERT INTO parked AS p (bus_id, incarnation, consumer_group, topic, partition, tenant_id,
    skipped_from, skipped_to, records) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (bus_id, incarnation, consumer_group, topic, partition, tenant_id) DO UPDATE
    SET ${raise('$8', '$9')}, skipped_from = least(p.skipped_from, $7)`;
const SKIP = `
  WITH raised AS (
    UPDATE parked p SET ${raise('$7', '$8')}
    WHERE ${PLACE} AND (p.held_until < clock_timestamp() OR p.skipped_to >= $7) RETURNING 1)
  SELECT EXISTS (SELECT FROM raised) AS is_raised, EXISTS (SELECT FROM parked WHERE ${PLACE}) AS is_parked`;
const HOLD = `
  WITH held AS (
    UPDATE parked SET held_until = clock_timestamp() + $7 * interval '1 ms' WHERE ${PLACE} RETURNING skipped_to)
  SELECT skipped_to FROM held`;
const SKIPPED_TO = `SELECT skipped_to FROM parked WHERE ${PLACE}`;
const GIVE_UP = `UPDATE parked SET skipped_from = $7 WHERE ${PLACE} AND skipped_from < $7 AND skipped_to > $7`;
const RELEASE = `
  WITH gone AS (DELETE FROM parked WHERE ${PLACE} AND skipped_to <= $7 RETURNING 1) SELECT count(*)::int AS n FROM gone`;

/**
 * Where tenants whose databases are away are parked. While there is a row for a tenant and a partition, every consumer
 * passes over the tenant's records there by raising the row's end; whoever applies them later from the bus removes the
 * row when, and only when, it has applied all up to that end.
 */
export class ParkedRecords {
  constructor(private readonly control: ControlDatabase) {}

  /** The tenants that are parked on a partition now. */
  async tenantsOn(source: Source): Promise<string[]> {
    const sql = `SELECT tenant_id FROM parked WHERE ${PARTITION}`;
    const rows = await this.query<Pick<Row, 'tenant_id'>>(sql, placeOf(source));
    return rows.map((row) => row.tenant_id);
  }

  /** Parks a place, or adds to what is parked there. All of the tenant's records before must have been dealt with. */
  async park(place: ParkingPlace, { from, to, records }: SkippedRange): Promise<void> {
    await this.query(PARK, [...keyOf(place), from, to, records]);
  }

  /** Passes over more records of a place that is parked; without effect where it is not, or no longer. */
  async skip(place: ParkingPlace, { to, records }: SkippedRange): Promise<SkipOutcome> {
    const values = [...keyOf(place), to, records];
    const [row] = await this.query<{ is_raised: boolean; is_parked: boolean }>(SKIP, values);
    if (row?.is_raised) return 'skipped';
    return row?.is_parked ? 'held' : 'not-parked';
  }

  /** All places of a bus, or those of one tenant there, the one parked first at first. */
  async list(bus: string, tenant?: string): Promise<Parked[]> {
    const sql = `SELECT * FROM parked WHERE bus_id = $1 AND ($2::text IS NULL OR tenant_id = $2)
      ORDER BY parked_at, topic, partition`;
    return (await this.query<Row>(sql, [bus, tenant ?? null])).map(parked);
  }

  /** The offset up to which records are passed over; null where the place is not parked. */
  async end(place: ParkingPlace): Promise<number | null> {
    return endIn(await this.query(SKIPPED_TO, keyOf(place)));
  }

  /** As `end`, and lets nobody pass over more for `ms` milliseconds: consumers wait for the place to be released. */
  async hold(place: ParkingPlace, ms: number): Promise<number | null> {
    return endIn(await this.query(HOLD, [...keyOf(place), ms]));
  }

  /** Takes the records below `from` for gone: whoever drains the place does not look for them again. */
  async giveUp(place: ParkingPlace, from: number): Promise<void> {
    await this.query(GIVE_UP, [...keyOf(place), from]);
  }

  /** Ends the parking of a place if nothing at or above `applied` has been passed over; answers whether it ended. */
  async release(place: ParkingPlace, applied: number): Promise<boolean> {
    const [row] = await this.query<{ n: number }>(RELEASE, [...keyOf(place), applied]);
    return row?.n === 1;
  }

  private query<R>(sql: string, values: readonly unknown[]): Promise<R[]> {
    return this.control.rows.query<R[]>(sql, [...values]);
  }
}

/** How much of a tenant is parked: on how many partitions, about how many records, and since when. */
export interface ParkedCount {
  readonly partitions: number;
  readonly records: number;
  readonly since: Date | null;
}

/** About how many records of the embedded bus are parked; Kafka's ids have another form. */
export async function countParkedOnEmbedded(control: ControlDatabase): Promise<number> {
  const sql = `SELECT coalesce(sum(records), 0)::float8 AS n FROM parked WHERE bus_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-'`;
  const [row] = await control.rows.query<{ n: number }[]>(sql);
  return row?.n ?? 0;
}

/** What is parked of one tenant, over all its doors. */
export async function countParked(control: ControlDatabase, tenant: string): Promise<ParkedCount> {
  const sql = `SELECT count(*)::int AS partitions, coalesce(sum(records), 0)::float8 AS records, min(parked_at) AS since
    FROM parked WHERE tenant_id = $1`;
  const [row] = await control.rows.query<ParkedCount[]>(sql, [tenant]);
  return row ?? { partitions: 0, records: 0, since: null };
}

function placeOf({ bus, incarnation, group, topic, partition }: Source): unknown[] {
  return [bus, incarnation, group, topic, partition];
}

function keyOf({ source, tenant }: ParkingPlace): unknown[] {
  return [...placeOf(source), tenant];
}

function endIn(rows: readonly { skipped_to: string }[]): number | null {
  return rows[0] ? Number(rows[0].skipped_to) : null;
}

function parked(row: Row): Parked {
  return {
    tenant: row.tenant_id,
    source: {
      bus: row.bus_id,
      incarnation: row.incarnation,
      group: row.consumer_group,
      topic: row.topic,
      partition: row.partition,
    },
    from: Number(row.skipped_from),
    to: Number(row.skipped_to),
    records: Number(row.records),
    parkedAt: row.parked_at,
  };
}
