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
     SELECT sha256(convert_to(${wholeRow(model)}, 'UTF8')) AS digest FROM ${table} t ORDER BY ${keyList(model)}`,
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

/** The columns of a read model as one text. By name: a table may have been made with another order. */
export function wholeRow(model: ReadModel): string {
  return `ROW(${Object.keys(model.columns).map(quoted).join(', ')})::text`;
}

/** The columns that identify a row. */
export function keyList(model: ReadModel): string {
  return ['stream_id', ...(model.item ? [model.item] : [])].map(quoted).join(', ');
}
