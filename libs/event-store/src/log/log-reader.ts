import { type JsonObject } from '@parley/contracts';
import { type Recorded } from '@parley/event-sourcing';
import { type ClientBase, type Pool } from 'pg';
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

/** Every event of one stream, in order. */
export async function readStream(db: Queryable, streamId: string): Promise<StoredEvent[]> {
  const { rows } = await db.query<Row>(
    `${SELECT} WHERE e.stream_id = $1 ORDER BY e.stream_version`,
    [streamId],
  );
  return rows.map(stored);
}

/** Up to `limit` events after `position`, in order. Positions have no gaps and never appear late: none is missed. */
export async function readFrom(
  db: Queryable,
  position: number,
  limit: number,
): Promise<StoredEvent[]> {
  const { rows } = await db.query<Row>(
    // Bounds on both tables let the planner skip the partitions before and after.
    `${SELECT} AND p.position > $1 AND p.position <= $1 + $2
     WHERE e.position > $1 AND e.position <= $1 + $2 ORDER BY e.position`,
    [position, limit],
  );
  return rows.map(stored);
}

/** The last position; 0 for an empty log. */
export async function readHead(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ head: string | null }>(
    'SELECT max(position) AS head FROM conversation_events',
  );
  return Number(rows[0]?.head ?? 0);
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
