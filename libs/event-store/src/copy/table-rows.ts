import { type Queryable } from '../log/log-reader.js';
import { BatchedReads, readTexts } from './batched-reads.js';
import { kindOf, quoted, type StoredKind } from './columns.js';

/** A table and its columns, in order; `name` is quoted already. */
export interface Table<Row> {
  readonly name: string;
  readonly columns: readonly (readonly [name: keyof Row & string, kind: StoredKind])[];
}

/** The columns as a list of expressions, each taken from `alias`. */
export function selectList<Row>(table: Table<Row>, alias: string): string {
  return table.columns
    .map(([name, kind]) => kindOf(kind).select(`${alias}.${quoted(name)}`))
    .join(', ');
}

/** Rows of a query whose result has the columns of `selectList`. */
export async function readRows<Row>(
  db: Queryable | BatchedReads,
  table: Table<Row>,
  sql: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const isBatched = db instanceof BatchedReads;
  const rows = await (isBatched
    ? db.read(sql, values, table.columns.length)
    : readTexts(db, { text: sql }, values));
  return rows.map((texts) => {
    const row: Record<string, unknown> = {};
    table.columns.forEach(([name, kind], i) => {
      const text = texts[i];
      row[name] = text === null || text === undefined ? null : kindOf(kind).read(text);
    });
    return row as Row;
  });
}

/** Rows as one array parameter a column: `source` is the row source for a FROM, its columns named as the table's. */
export function unnested<Row>(
  table: Table<Row>,
  rows: readonly Row[],
): { source: string; values: unknown[] } {
  const casts = table.columns.map(([, kind], i) => `$${i + 1}::${kindOf(kind).type}[]`);
  const names = table.columns.map(([name]) => quoted(name));
  const values = table.columns.map(([name, kind]) =>
    arrayParam(
      kind,
      rows.map((row) => row[name]),
    ),
  );
  return { source: `unnest(${casts.join(', ')}) AS u(${names.join(', ')})`, values };
}

/** Inserts a few rows in one statement; for many, copy. */
export async function insertRows<Row>(
  db: Queryable,
  table: Table<Row>,
  rows: readonly Row[],
  onConflict = '',
): Promise<void> {
  if (rows.length === 0) return;
  const { source, values } = unnested(table, rows);
  const names = table.columns.map(([name]) => quoted(name)).join(', ');
  const sql = `INSERT INTO ${table.name} (${names}) SELECT ${names} FROM ${source} ${onConflict}`;
  await db.query(sql, values);
}

// Kinds whose texts hold nothing that means something in an array.
const PLAIN: ReadonlySet<StoredKind> = new Set(['uuid', 'integer', 'bigint', 'boolean']);

/** An array as PostgreSQL's text, so that pg need not look for what to escape in each of its values. */
export function arrayParam(kind: StoredKind, values: readonly unknown[]): string {
  const { param } = kindOf(kind);
  const isPlain = PLAIN.has(kind);
  const items = values.map((value) => {
    if (value === null || value === undefined) return 'NULL';
    const text = param(value as never);
    return isPlain ? text : `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`;
  });
  return `{${items.join()}}`;
}
