import { type Door } from '@parley/contracts';
import { type Queryable } from '../log/log-reader.js';
import { type OffsetSource } from './offsets.js';

/** How far a tenant's database is, and what in it still wants something, as of one moment. Times: milliseconds since 1970. */
export interface Standing {
  /** The last position of the log; 0 where it is empty. */
  readonly head: number;
  readonly recordedAt: number | null;
  /** The last position that the relay has published. */
  readonly published: number;
  /** What was applied of one bus: the offset after the last one. */
  readonly applied: readonly (Omit<OffsetSource, 'bus'> & { readonly next: number })[];
  readonly waiting: readonly {
    readonly door: Door;
    readonly records: number;
    readonly oldestAt: number;
  }[];
  readonly deadLetters: readonly {
    readonly door: Door;
    readonly reason: string;
    readonly letters: number;
  }[];
}

const listOf = (rows: string) => `(SELECT coalesce(json_agg(found), '[]') FROM (${rows}) AS found)`;
const millis = (time: string) => `floor(extract(epoch FROM ${time}) * 1000)::bigint`;

const STANDING = `
  SELECT coalesce(h.position, 0)::float8 AS head, ${millis('h.recorded_at')}::float8 AS "recordedAt",
    coalesce((SELECT position FROM log_followers WHERE name = 'relay'), 0)::float8 AS published,
    ${listOf(`SELECT incarnation, consumer_group AS "group", topic, partition, next
      FROM applied_offsets WHERE bus_id = $1`)} AS applied,
    ${listOf(`SELECT door, count(*) AS records, ${millis('min(arrived_at)')} AS "oldestAt"
      FROM waiting_records GROUP BY door`)} AS waiting,
    ${listOf(`SELECT door, reason, count(*) AS letters
      FROM dead_letters GROUP BY door, reason ORDER BY door, reason`)} AS "deadLetters"
  FROM (SELECT) AS one LEFT JOIN LATERAL (
    SELECT position, recorded_at FROM conversation_events ORDER BY position DESC LIMIT 1) h ON true`;

/** How far a tenant's database is with the records of a bus: one statement, so that all of it is of one moment. */
export async function readStanding(db: Queryable, bus: string): Promise<Standing> {
  const { rows } = await db.query<Standing>(STANDING, [bus]);
  const [standing] = rows;
  if (!standing) throw new Error('a query without conditions answered no row');
  return standing;
}
