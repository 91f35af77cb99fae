import { kindOf } from '../copy/columns.js';
import { readRows, selectList, type Table } from '../copy/table-rows.js';
import { type Queryable } from '../log/log-reader.js';
import { DEAD_LETTERS, type DeadLetter } from './dead-letters.js';

/** A dead letter as it is kept; `bytes` is how many its value has, null where nothing is kept of the record. */
export interface WholeDeadLetter extends DeadLetter {
  readonly bytes: number | null;
}

/** The same without what it holds. */
export type DeadLetterSummary = Omit<WholeDeadLetter, Content>;

type Content = 'record_key' | 'headers' | 'value';
type Column = Table<WholeDeadLetter>['columns'][number];

const CONTENT: ReadonlySet<string> = new Set<Content>(['record_key', 'headers', 'value']);
const isOfSummary = (column: Column): column is Table<DeadLetterSummary>['columns'][number] =>
  !CONTENT.has(column[0]);

const WHOLE: Table<WholeDeadLetter> = {
  ...DEAD_LETTERS,
  columns: [...DEAD_LETTERS.columns, ['bytes', 'integer']],
};
const SUMMARY: Table<DeadLetterSummary> = {
  ...DEAD_LETTERS,
  columns: WHOLE.columns.filter(isOfSummary),
};

// PostgreSQL knows the length of a value without reading it.
const LETTERS = '(SELECT *, octet_length(value) AS bytes FROM dead_letters) d';

/** How many dead letters a tenant has. */
export async function countDeadLetters(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ n: number }>('SELECT count(*)::int AS n FROM dead_letters');
  return rows[0]?.n ?? 0;
}

/** The place of a dead letter among the others; it stays one where the letter itself is gone. */
export type DeadLetterPlace = Pick<DeadLetter, 'id' | 'arrived_at'>;

/** Which dead letters, the newest first: some ids, a reason or a door alone, those that came before the one `before`. */
export interface DeadLetterPage {
  readonly ids?: readonly string[];
  readonly reason?: string;
  readonly door?: string;
  readonly before?: DeadLetterPlace;
  readonly limit: number;
}

const LIST = `SELECT ${selectList(SUMMARY, 'd')} FROM ${LETTERS}
  WHERE ($1::text IS NULL OR d.reason = $1) AND ($2::text IS NULL OR d.door = $2)
    AND ($3::timestamptz IS NULL OR (d.arrived_at, d.id) < ($3, $4::uuid)) AND ($5::uuid[] IS NULL OR d.id = ANY($5))
  ORDER BY d.arrived_at DESC, d.id DESC LIMIT $6`;

/** Dead letters of a tenant without their bytes: those of many would be too much to hold. */
export async function listDeadLetters(
  db: Queryable,
  { ids, reason, door, before, limit }: DeadLetterPage,
): Promise<DeadLetterSummary[]> {
  const time = before ? kindOf('timestamp').param(before.arrived_at as never) : null;
  const values = [reason ?? null, door ?? null, time, before?.id ?? null, ids ?? null, limit];
  return (await readRows(db, SUMMARY, LIST, values)).map(withTimes);
}

const FIND = `SELECT ${selectList(WHOLE, 'd')} FROM ${LETTERS} WHERE d.id = ANY($1::uuid[])`;

/** Those of these ids that are there, with their bytes. */
export async function findDeadLetters(
  db: Queryable,
  ids: readonly string[],
): Promise<WholeDeadLetter[]> {
  return (await readRows(db, WHOLE, FIND, [ids])).map(withTimes);
}

function withTimes<L extends DeadLetterSummary>(letter: L): L {
  const { arrived_at, first_failed_at, last_failed_at } = letter;
  return {
    ...letter,
    arrived_at: Number(arrived_at),
    first_failed_at: Number(first_failed_at),
    last_failed_at: Number(last_failed_at),
  };
}

/** Whether trying a letter again can change anything: what could not be opened, or holds nothing, stays as it is. */
export function isRedrivable({
  bytes,
  reason,
}: Pick<DeadLetterSummary, 'bytes' | 'reason'>): boolean {
  return bytes !== null && reason !== 'undecodable_batch';
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
