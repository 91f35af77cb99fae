import { type ClientBase } from 'pg';
import { chainStart } from './hash-chain.js';
import { type ActiveSchema } from '../rows/active-schema.js';
import { type Queryable } from './log-reader.js';

/** The end of the log as a transaction finds it, and what it needs to go on from there. */
export interface Head {
  /** 0 for an empty log. */
  readonly position: number;
  readonly hash: string;
  /** Microseconds since 1970: greatest of the database clock and the last event's time + 1. */
  readonly now: number;
  readonly digestKey: Buffer;
  /** The read models that are served, and so have to be written. */
  readonly schema: ActiveSchema;
}

interface HeadRow {
  readonly log_id: string;
  readonly digest_key: Buffer;
  readonly position: string | null;
  readonly hash: Buffer | null;
  readonly now: string;
  readonly schema_name: string;
  readonly schema_version: number;
}

/** One lane waits for nobody but the writer at work, the other lets that one go first. */
export type Lane = 'interactive' | 'bulk';

/** Time-outs of a transaction on the log, in milliseconds. */
export interface TransactionLimits {
  readonly lockTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

const LOCKS = { bulk: 'pg_advisory_xact_lock(7061, 1)', log: 'pg_advisory_xact_lock(7061, 2)' };

const READ_HEAD = `
  SELECT i.log_id, i.digest_key, h.position, h.hash, a.name AS schema_name, a.version AS schema_version,
    (extract(epoch FROM greatest(clock_timestamp(), h.recorded_at + interval '1 microsecond')) * 1000000)::bigint AS now
  FROM log_identity i JOIN read_model_schemas a ON a.state = 'active' LEFT JOIN LATERAL (
    SELECT position, hash, recorded_at FROM conversation_events ORDER BY position DESC LIMIT 1
  ) h ON true`;

/**
 * Begins a transaction that alone may write the log until it ends, and reads the head: one round trip.
 * Throws 55P03 when the lock does not come in time. READ COMMITTED: what follows sees all that was written before.
 */
export async function beginAtHead(
  client: ClientBase,
  lane: Lane,
  limits: TransactionLimits,
): Promise<Head> {
  const statements = [
    'BEGIN',
    `SET LOCAL lock_timeout = ${limits.lockTimeoutMs}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${limits.idleTimeoutMs}`,
    // Statistics lag behind a table that grows by imports; a plan with a full scan would hold the lock for long.
    'SET LOCAL enable_seqscan = off',
    'SET LOCAL jit = off',
    ...(lane === 'bulk' ? [`SELECT ${LOCKS.bulk}`] : []),
    `SELECT ${LOCKS.log}`,
    READ_HEAD,
  ];
  const results = (await client.query(statements.join(';'))) as unknown as { rows: HeadRow[] }[];
  const row = results.at(-1)?.rows[0];
  if (!row) throw new Error('the log has no identity: initializeLog() was never called');
  return {
    position: Number(row.position ?? 0),
    hash: row.hash?.toString('hex') ?? chainStart(row.log_id),
    now: Number(row.now),
    digestKey: row.digest_key,
    schema: { name: row.schema_name, version: row.schema_version },
  };
}

// In COPY no time-out of the server's runs. Sessions of other roles don't show what they wait for, so stay untouched.
const END_FROZEN_WRITER = `
  SELECT pg_terminate_backend(a.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
  WHERE (l.locktype, l.classid, l.objid, l.objsubid) = ('advisory', 7061, 2, 2) AND l.granted
    AND l.database = a.datid AND a.datname = current_database() AND a.usename = current_user
    AND a.wait_event IN ('ClientRead', 'ClientWrite')
    AND a.state_change < clock_timestamp() - $1 * interval '1 millisecond'`;

/**
 * Ends the session that has the log lock and has waited for its client this long, without which a process that is
 * stopped or cut off in the middle of a COPY would keep the lock for ever. Answers whether there was one.
 */
export async function endFrozenWriter(db: Queryable, frozenAfterMs: number): Promise<boolean> {
  const { rows } = await db.query(END_FROZEN_WRITER, [frozenAfterMs]);
  return rows.length > 0;
}
