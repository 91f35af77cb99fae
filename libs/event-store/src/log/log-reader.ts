import { type JsonObject } from '@parley/contracts';
import { type Recorded } from '@parley/event-sourcing';
import { type ClientBase, type Pool } from 'pg';
import { v5 } from 'uuid';
import { kindOf } from '../copy/columns.js';

/** Where queries go: a pool, or a client that is in a transaction. */
export type Queryable = Pick<Pool | ClientBase, 'query'>;

/** An event as read back; `data` is null where its payload has been erased. */
export type StoredEvent = Omit<Recorded, 'event'> & {
  readonly event: { readonly type: string; readonly data: JsonObject | null };
};

/** Whether the event can still be read. */
export function isReadable(stored: StoredEvent): stored is StoredEvent & Recorded {
  return stored.event.data !== null;
}

interface Row {
  readonly position: string;
  readonly stream_id: string;
  readonly stream_version: number;
  readonly type: string;
  readonly occurred_at: string;
  readonly recorded_at: string;
  readonly body: Buffer | null;
}

const { select } = kindOf('timestamp');
const SELECT = `
  SELECT e.position, e.stream_id, e.stream_version, e.type,
    ${select('e.occurred_at')} AS occurred_at, ${select('e.recorded_at')} AS recorded_at, p.body
  FROM conversation_events e LEFT JOIN event_payloads p ON p.position = e.position`;

/** How much is read at a time; one event may have more bytes. */
export interface ReadLimits {
  readonly events: number;
  readonly bytes: number;
}

/** What is read at a time where nothing else is said. */
export const BYTES_AT_ONCE = 8 * 1024 * 1024;

const STREAM = `
  SELECT * FROM (SELECT *, sum(coalesce(octet_length(body), 0)) OVER (ORDER BY stream_version) AS bytes FROM (
    ${SELECT} WHERE e.stream_id = $1 AND e.position <= $2 AND e.stream_version > $3
    ORDER BY e.stream_version LIMIT $4) found) summed
  WHERE stream_version = $3 + 1 OR bytes <= $5 ORDER BY stream_version`;

const AT_ONCE: ReadLimits = { events: 500, bytes: BYTES_AT_ONCE };

/** Every event of one stream, in order, as far as the log had got with `until`; whoever stops reads no more of it. */
export async function* readStream(
  db: Queryable,
  streamId: string,
  until = Number.MAX_SAFE_INTEGER,
  { events, bytes } = AT_ONCE,
): AsyncGenerator<StoredEvent> {
  let version: number | undefined = 0;
  while (version !== undefined) {
    const values: unknown[] = [streamId, until, version, events, bytes];
    const { rows }: { rows: Row[] } = await db.query<Row>(STREAM, values);
    for (const row of rows) yield stored(row);
    version = rows.at(-1)?.stream_version;
  }
}

/**
 * Up to `limit` events after `position`, in order; fewer where they are large, but one at least, where there is one.
 * Positions have no gaps and never appear late: none is missed.
 */
export async function readFrom(
  db: Queryable,
  position: number,
  limit: number,
): Promise<StoredEvent[]> {
  return (await readRows(db, position, { events: limit, bytes: BYTES_AT_ONCE })).map(stored);
}

/** An event as the log holds it, its data as JSON in UTF-8; null where that was erased. Times in microseconds since 1970. */
export interface RawEvent extends Omit<StoredEvent, 'event' | 'recordedAt'> {
  /** UUIDv5 of stream and stream version: computed, not stored. */
  readonly id: string;
  readonly type: string;
  readonly recordedAt: bigint;
  readonly body: Buffer | null;
}

// Bounds on both tables let the planner skip the partitions before and after.
const WITHIN_LIMITS = `
  SELECT * FROM (${SELECT.replace('p.body', 'p.body, sum(coalesce(octet_length(p.body), 0)) OVER (ORDER BY e.position) AS bytes')}
    AND p.position > $1 AND p.position <= $1 + $2
    WHERE e.position > $1 AND e.position <= $1 + $2) found
  WHERE position = $1 + 1 OR bytes <= $3 ORDER BY position`;

/** The events after `position`, in order, as many as the limits let through: one at least, where there is one. */
export async function readRaw(
  db: Queryable,
  position: number,
  limits: ReadLimits,
): Promise<RawEvent[]> {
  return (await readRows(db, position, limits)).map((row) => ({
    id: v5(String(row.stream_version), row.stream_id),
    position: Number(row.position),
    streamId: row.stream_id,
    streamVersion: row.stream_version,
    type: row.type,
    occurredAt: BigInt(row.occurred_at),
    recordedAt: BigInt(row.recorded_at),
    body: row.body,
  }));
}

async function readRows(db: Queryable, position: number, limits: ReadLimits): Promise<Row[]> {
  return (await db.query<Row>(WITHIN_LIMITS, [position, limits.events, limits.bytes])).rows;
}

/** Which of these streams have a `ConversationDeleted`. */
export async function readDeletedStreams(
  db: Queryable,
  streams: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ stream_id: string }>(
    `SELECT stream_id FROM conversation_events
     WHERE type = 'ConversationDeleted' AND stream_id = ANY($1::uuid[])`,
    [[...new Set(streams)]],
  );
  return new Set(rows.map(({ stream_id }) => stream_id));
}

/** The last position; 0 for an empty log. */
export async function readHead(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ head: string | null }>(
    'SELECT max(position) AS head FROM conversation_events',
  );
  return Number(rows[0]?.head ?? 0);
}

// Times grow with positions, so that halving finds the place: some 30 look-ups by key in a log of a billion events.
const POSITION_AT = `
  WITH RECURSIVE head AS (SELECT coalesce(max(position), 0) AS position FROM conversation_events),
  search (low, high) AS (
    SELECT 0::bigint, position FROM head
    UNION ALL
    SELECT CASE WHEN e.is_past THEN e.position ELSE s.low END,
      CASE WHEN e.is_past THEN s.high ELSE e.position - 1 END
    FROM search s CROSS JOIN LATERAL (
      SELECT position, recorded_at <= $1::timestamptz AS is_past FROM conversation_events
      WHERE position = (s.low + s.high + 1) / 2 OFFSET 0) e
    WHERE s.low < s.high)
  SELECT s.low AS position, head.position AS head, $1::timestamptz > clock_timestamp() AS is_ahead
  FROM search s, head WHERE s.low >= s.high`;

/** Where the log stood at a moment: the last position recorded by then, and the head now. */
export interface LogMoment {
  readonly position: number;
  readonly head: number;
  /** The moment is still to come by the database's clock: what will be recorded by then is not known. */
  readonly isAhead: boolean;
}

/** Where the log stood at a moment, in microseconds since 1970. */
export async function readMoment(db: Queryable, micros: bigint): Promise<LogMoment> {
  const { rows } = await db.query<{ position: string; head: string; is_ahead: boolean }>(
    POSITION_AT,
    [kindOf('timestamp').param(micros as never)],
  );
  const [row] = rows;
  return {
    position: Number(row?.position),
    head: Number(row?.head),
    isAhead: row?.is_ahead ?? false,
  };
}

function stored(row: Row): StoredEvent {
  return {
    position: Number(row.position),
    streamId: row.stream_id,
    streamVersion: row.stream_version,
    occurredAt: BigInt(row.occurred_at),
    recordedAt: Number(row.recorded_at),
    event: {
      type: row.type,
      data: row.body && (JSON.parse(row.body.toString('utf8')) as JsonObject),
    },
  };
}
