import { quoted } from '../copy/columns.js';
import { type Queryable } from '../log/log-reader.js';
import { SEARCH_FOLLOWERS } from '../search/search-schema.js';

/** A table that goes with the tenant. */
export interface ExportedTable {
  readonly name: string;
  readonly part: 'log' | 'ledger' | 'settings';
  /** What its rows are sorted by, so that two exports can be compared line by line. */
  readonly order: readonly string[];
  /** Columns of bytes that are text in UTF-8, and are written as such. */
  readonly texts?: readonly string[];
  /** The condition for rows that are derived from the log, and so are made anew. */
  readonly derived?: string;
  /** Every new database begins with rows of it, whose place those of an export take. */
  readonly isBegun?: true;
  /** Columns that mean nothing elsewhere. */
  readonly omitted?: readonly string[];
  /** The column that a sequence counts. */
  readonly counted?: string;
  /** Makes the partitions that rows need; they are named `lines`. */
  readonly prepare?: string;
}

/** What an export holds, in the order in which it is taken in. Everything else of the database is derived from it. */
export const EXPORTED_TABLES: readonly ExportedTable[] = [
  { name: 'log_identity', part: 'log', order: ['log_id'], isBegun: true },
  { name: 'conversation_events', part: 'log', order: ['position'] },
  {
    ...{ name: 'event_payloads', part: 'log', order: ['position'], texts: ['body', 'source'] },
    prepare: 'SELECT extend_payloads(max(position)) FROM lines',
  },
  {
    ...{ name: 'receipts', part: 'ledger', order: ['decided_on', 'command_id'] },
    prepare: 'SELECT extend_receipts(day) FROM (SELECT DISTINCT decided_on AS day FROM lines) d',
  },
  {
    ...{ name: 'applied_offsets', part: 'ledger' },
    order: ['bus_id', 'incarnation', 'consumer_group', 'topic', 'partition'],
  },
  { name: 'waiting_records', part: 'ledger', order: ['id'] },
  { name: 'dead_letters', part: 'ledger', order: ['id'] },
  {
    ...{ name: 'log_followers', part: 'ledger', order: ['name'], omitted: ['leased_until'] },
    ...{ derived: SEARCH_FOLLOWERS, isBegun: true },
  },
  { name: 'redaction_policies', part: 'settings', order: ['id'], counted: 'id' },
  { name: 'audit_events', part: 'settings', order: ['id'], counted: 'id' },
];

/** A column as the database has it; `type` is the name of its type in SQL. */
export interface StoredColumn {
  readonly name: string;
  readonly type: string;
}

const COLUMNS = `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
  WHERE attrelid = ('public.' || $1)::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`;

/** The columns of a table that go with the tenant. */
export async function columnsOf(
  db: Queryable,
  { name, omitted = [] }: ExportedTable,
): Promise<StoredColumn[]> {
  const { rows } = await db.query<StoredColumn>(COLUMNS, [name]);
  return rows.filter((column) => !omitted.includes(column.name));
}

/**
 * A COPY of the rows to one line of JSON each. Text that is JSON itself becomes a string, so that not a byte of it
 * changes on the way. In JSON there is neither of the two characters, and so nothing that COPY would quote.
 */
export function copyLines(table: ExportedTable, columns: readonly StoredColumn[]): string {
  const fields = columns.map((column) => {
    const name = quoted(column.name);
    return `${toText(table, column, name)} AS ${name}`;
  });
  const rows = `SELECT ${fields.join(', ')} FROM public.${table.name} t WHERE ${kept(table)} ORDER BY ${table.order
    .map((column) => `t.${quoted(column)}`)
    .join(', ')}`;
  return `COPY (SELECT row_to_json(r) FROM (${rows}) r) TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')`;
}

/** The statements that take in rows of some columns, as `$1`, an array of such lines. */
export function insertLines(table: ExportedTable, columns: readonly StoredColumn[]): string[] {
  const types = columns.map((column) => {
    const type = isText(table, column) ? 'text' : column.type;
    return `${quoted(column.name)} ${type}`;
  });
  const rows = `WITH lines AS (SELECT * FROM json_to_recordset($1::json) AS r (${types.join(', ')}))`;
  const names = columns.map(({ name }) => quoted(name)).join(', ');
  const values = columns.map((column) => fromText(table, column, quoted(column.name)));
  return [
    ...(table.prepare ? [`${rows} ${table.prepare}`] : []),
    `${rows} INSERT INTO public.${table.name} (${names}) OVERRIDING SYSTEM VALUE SELECT ${values.join(', ')} FROM lines WHERE ${kept(table)}`,
  ];
}

/** The condition for rows that go with the tenant. */
export function kept({ derived = 'false' }: ExportedTable): string {
  return `NOT (${derived})`;
}

const isText = ({ texts = [] }: ExportedTable, { name, type }: StoredColumn) =>
  type === 'json' || texts.includes(name);

function toText(table: ExportedTable, column: StoredColumn, name: string): string {
  if (!isText(table, column)) return `t.${name}`;
  return column.type === 'bytea' ? `convert_from(t.${name}, 'UTF8')` : `t.${name}::text`;
}

function fromText(table: ExportedTable, column: StoredColumn, name: string): string {
  if (!isText(table, column)) return name;
  return column.type === 'bytea' ? `convert_to(${name}, 'UTF8')` : `${name}::${column.type}`;
}
