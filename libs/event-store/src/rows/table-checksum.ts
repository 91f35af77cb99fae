import { createHash } from 'node:crypto';
import { type ReadModel } from '@parley/event-sourcing';
import { type ClientBase } from 'pg';
import { quoted } from '../copy/columns.js';

/** What the rows of a read model come to, wherever they are: SHA-256 over all of them in key order. */
export interface TableChecksum {
  readonly rows: number;
  readonly checksum: string;
}

// The text of a value, whatever the server or its administrator prefers.
const SETTINGS = `SET LOCAL TIME ZONE 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL bytea_output = 'hex';
  SET LOCAL extra_float_digits = 1`;

/** Reads a table of a read model, in the transaction that `client` is in. */
export async function tableChecksum(
  client: ClientBase,
  table: string,
  model: ReadModel,
): Promise<TableChecksum> {
  const hash = createHash('sha256');
  let rows = 0;
  await client.query(SETTINGS);
  await client.query(
    `DECLARE rows_in_order NO SCROLL CURSOR FOR
     SELECT sha256(convert_to(${wholeRow(Object.keys(model.columns))}, 'UTF8')) AS digest FROM ${table} t ORDER BY ${keyList(model)}`,
  );
  for (;;) {
    const batch = await client.query<{ digest: Buffer }>('FETCH 5000 FROM rows_in_order');
    for (const row of batch.rows) hash.update(row.digest);
    rows += batch.rows.length;
    if (batch.rows.length === 0) break;
  }
  await client.query('CLOSE rows_in_order');
  return { rows, checksum: hash.digest('hex') };
}

/** Columns as one text. By name: a table may have been made with another order. */
export function wholeRow(columns: readonly string[]): string {
  return `ROW(${columns.map(quoted).join(', ')})::text`;
}

/** Two sources of rows, each as what follows FROM, and the columns that they are compared in. */
export interface RowSources {
  readonly sources: readonly [string, string];
  readonly model: Pick<ReadModel, 'item'>;
  readonly columns: readonly string[];
}

/** The key of a row. */
export interface FoundKey {
  readonly stream_id: string;
  readonly item: string;
}

/** The key of the first row that differs or is in one source only; null where there is none. */
export async function firstDifference(
  client: ClientBase,
  { sources, model, columns }: RowSources,
  values: unknown[] = [],
): Promise<FoundKey | null> {
  const keys = keyList(model);
  const [one, other] = sources.map(
    (source) => `(SELECT ${keys}, ${wholeRow(columns)} AS whole FROM ${source})`,
  );
  const item = model.item ? `${quoted(model.item)}::text` : `''`;
  const { rows } = await client.query<FoundKey>(
    `SELECT stream_id, ${item} AS item FROM ${one} a FULL JOIN ${other} b USING (${keys})
     WHERE a.whole IS DISTINCT FROM b.whole ORDER BY ${keys} LIMIT 1`,
    values,
  );
  return rows[0] ?? null;
}

function keyList({ item }: Pick<ReadModel, 'item'>): string {
  return ['stream_id', ...(item ? [item] : [])].map(quoted).join(', ');
}
