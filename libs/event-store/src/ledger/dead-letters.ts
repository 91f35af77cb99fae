import { type ClientBase } from 'pg';
import { type Door, type JsonObject, type ReasonCode, type Version } from '@parley/contracts';
import { type Queryable } from '../log/log-reader.js';
import { insertRows, readRows, selectList, type Table, unnested } from '../copy/table-rows.js';

/**
 * A record that could not be applied, as it came. The coordinates on the bus are null where there are none (a record
 * that waited too long). `detail` is for people and holds no content. Times are microseconds since 1970.
 */
export interface DeadLetter {
  readonly id: string;
  readonly arrived_at: number;
  readonly version: Version | null;
  readonly door: Door;
  readonly reason: ReasonCode;
  readonly detail: string;
  readonly bus_id: string | null;
  readonly incarnation: number | null;
  readonly topic: string | null;
  readonly partition: number | null;
  readonly offset: number | null;
  readonly record_key: Uint8Array | null;
  readonly headers: JsonObject | null;
  readonly value: Uint8Array | null;
  readonly agent_id: string | null;
  readonly conversation_id: string | null;
  readonly message_id: string | null;
  readonly stream_id: string | null;
  readonly attempts: number;
  readonly first_failed_at: number;
  readonly last_failed_at: number;
}

const TABLE: Table<DeadLetter> = {
  name: 'dead_letters',
  columns: [
    ['id', 'uuid'],
    ['arrived_at', 'timestamp'],
    ['version', 'text'],
    ['door', 'text'],
    ['reason', 'text'],
    ['detail', 'text'],
    ['bus_id', 'text'],
    ['incarnation', 'integer'],
    ['topic', 'text'],
    ['partition', 'integer'],
    ['offset', 'bigint'],
    ['record_key', 'bytes'],
    ['headers', 'json'],
    ['value', 'bytes'],
    ['agent_id', 'text'],
    ['conversation_id', 'text'],
    ['message_id', 'text'],
    ['stream_id', 'uuid'],
    ['attempts', 'integer'],
    ['first_failed_at', 'timestamp'],
    ['last_failed_at', 'timestamp'],
  ],
};

/** How many dead letters a tenant has. */
export async function countDeadLetters(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ n: number }>('SELECT count(*)::int AS n FROM dead_letters');
  return rows[0]?.n ?? 0;
}

/** Which dead letters, the newest first: those of a reason or a door alone, those that came before the one `before`. */
export interface DeadLetterPage {
  readonly reason?: string;
  readonly door?: string;
  readonly before?: string;
  readonly limit: number;
}

const LIST = `SELECT ${selectList(TABLE, 'd')} FROM dead_letters d
  WHERE ($1::text IS NULL OR d.reason = $1) AND ($2::text IS NULL OR d.door = $2)
    AND ($3::uuid IS NULL OR (d.arrived_at, d.id) < (SELECT b.arrived_at, b.id FROM dead_letters b WHERE b.id = $3))
  ORDER BY d.arrived_at DESC, d.id DESC LIMIT $4`;

/** The dead letters of a tenant, with their bytes. */
export async function listDeadLetters(db: Queryable, page: DeadLetterPage): Promise<DeadLetter[]> {
  const { reason, door, before, limit } = page;
  return letters(db, LIST, [reason ?? null, door ?? null, before ?? null, limit]);
}

/** Those of these ids that are there. */
export async function findDeadLetters(
  db: Queryable,
  ids: readonly string[],
): Promise<DeadLetter[]> {
  const sql = `SELECT ${selectList(TABLE, 'd')} FROM dead_letters d WHERE d.id = ANY($1::uuid[])`;
  return letters(db, sql, [ids]);
}

async function letters(
  db: Queryable,
  sql: string,
  values: readonly unknown[],
): Promise<DeadLetter[]> {
  const rows = await readRows(db, TABLE, sql, values);
  return rows.map((row) => ({
    ...row,
    arrived_at: Number(row.arrived_at),
    first_failed_at: Number(row.first_failed_at),
    last_failed_at: Number(row.last_failed_at),
  }));
}

/** Whether trying a letter again can change anything: what could not be opened, or holds nothing, stays as it is. */
export function isRedrivable({ value, reason }: Pick<DeadLetter, 'value' | 'reason'>): boolean {
  return value !== null && reason !== 'undecodable_batch';
}

/** Who takes a letter away, and why; `reason` is for people and holds no content. */
export interface Discard {
  readonly id: string;
  readonly actor: string;
  readonly reason: string | null;
}

// One statement: the letter is not gone without the audit event that says so.
const DISCARD = `WITH gone AS (DELETE FROM dead_letters WHERE id = $1 RETURNING id, door, reason)
  INSERT INTO audit_events (actor, action, subject, details)
  SELECT $2, 'dead-letter.discard', id::text, json_build_object('door', door, 'reason', reason, 'note', $3::text)
  FROM gone`;

/** Takes a dead letter away for good, and records who did; false where it is gone. */
export async function discardDeadLetter(db: Queryable, discard: Discard): Promise<boolean> {
  const { id, actor, reason } = discard;
  const { rowCount } = await db.query(DISCARD, [id, actor, reason]);
  return rowCount === 1;
}

/** Why a letter that was tried again stays one. */
export interface FailedAgain extends Pick<DeadLetter, 'id' | 'reason' | 'detail'> {
  readonly last_failed_at: number;
}

// Of a deleted conversation nothing is kept: no deletion would reach it any more.
const FAILED_AGAIN = `UPDATE dead_letters d SET attempts = d.attempts + 1, reason = u.reason, detail = u.detail,
    last_failed_at = u.last_failed_at,
    value = CASE WHEN u.reason <> 'conversation_deleted' THEN d.value END,
    record_key = CASE WHEN u.reason <> 'conversation_deleted' THEN d.record_key END,
    headers = CASE WHEN u.reason <> 'conversation_deleted' THEN d.headers END,
    conversation_id = CASE WHEN u.reason <> 'conversation_deleted' THEN d.conversation_id END,
    message_id = CASE WHEN u.reason <> 'conversation_deleted' THEN d.message_id END`;

const AGAIN: Table<FailedAgain> = {
  name: 'dead_letters',
  columns: [
    ['id', 'uuid'],
    ['reason', 'text'],
    ['detail', 'text'],
    ['last_failed_at', 'timestamp'],
  ],
};

/** The dead letters that a transaction adds; one whose coordinates are there already is the same one. */
export class DeadLetters {
  private readonly staged: DeadLetter[] = [];
  private readonly settled: string[] = [];
  private readonly failed: FailedAgain[] = [];

  constructor(private readonly client: ClientBase) {}

  add(letter: DeadLetter): void {
    this.staged.push(letter);
  }

  /** What the letter holds has had its effect. */
  settle(id: string): void {
    this.settled.push(id);
  }

  failAgain(letter: FailedAgain): void {
    this.failed.push(letter);
  }

  async flush(): Promise<void> {
    await insertRows(this.client, TABLE, this.staged, 'ON CONFLICT DO NOTHING');
    if (this.settled.length > 0)
      await this.client.query('DELETE FROM dead_letters WHERE id = ANY($1::uuid[])', [
        this.settled,
      ]);
    if (this.failed.length === 0) return;
    const { source, values } = unnested(AGAIN, this.failed);
    await this.client.query(`${FAILED_AGAIN} FROM ${source} WHERE d.id = u.id`, values);
  }
}
