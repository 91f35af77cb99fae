import { DomainError } from '@parley/event-sourcing';
import { type ClientBase, type Pool } from 'pg';
import { withTransaction } from '../event-store.js';
import { altered, readBatches } from './exported-file.js';
import {
  columnsOf,
  EXPORTED_TABLES,
  type ExportedTable,
  insertLines,
  kept,
} from './exported-tables.js';
import { type ExportedFile, type Manifest } from './manifest.js';

/** Throws `DomainError` `export/unreadable` or `export/later-release` where the manifest names other tables than ours. */
export function refuseUnknownTables({ files }: Manifest): void {
  const unknown = files.find(({ table }) => !EXPORTED_TABLES.some(({ name }) => name === table));
  if (unknown) throw laterRelease(unknown.table);
  for (const { name, part } of EXPORTED_TABLES) {
    const count = files.filter(({ table }) => table === name).length;
    // A release that did not have one of the others yet has nothing to say of it.
    if (count > 1 || (count === 0 && part === 'log'))
      throw new DomainError('export/unreadable', `the manifest names ${name} ${count} times`);
  }
}

/** Takes in all files, as they are, or none of them; only the log's epoch is raised. */
export async function loadTables(
  pool: Pool,
  { directory, manifest }: { readonly directory: string; readonly manifest: Manifest },
): Promise<void> {
  await withTransaction(pool, `BEGIN; SET LOCAL TIME ZONE 'UTC'`, async (client) => {
    for (const table of EXPORTED_TABLES) {
      const file = manifest.files.find((one) => one.table === table.name);
      if (file) await loadTable(client, table, { directory, file });
    }
    await raiseEpoch(client, manifest);
  });
  await pool.query('ANALYZE');
}

async function raiseEpoch(client: ClientBase, { log }: Manifest): Promise<void> {
  const sql = 'UPDATE log_identity SET log_epoch = $2 + 1 WHERE log_id = $1 AND log_epoch = $2';
  const { rowCount } = await client.query(sql, [log.id, log.epoch]);
  if (rowCount !== 1)
    throw new DomainError('export/log-defect', 'the log is not the one that the manifest names');
}

async function loadTable(
  client: ClientBase,
  table: ExportedTable,
  { directory, file }: { readonly directory: string; readonly file: ExportedFile },
): Promise<void> {
  const columns = await columnsOf(client, table);
  const known = columns.filter(({ name }) => file.columns.includes(name));
  if (known.length < file.columns.length) throw laterRelease(table.name);
  if (table.isBegun) await client.query(`DELETE FROM public.${table.name} WHERE ${kept(table)}`);
  const statements = insertLines(table, known);
  let rows = 0;
  for await (const lines of readBatches(directory, file)) {
    for (const sql of statements) rows += await take(client, { sql, lines, file });
  }
  if (rows !== file.rows) throw altered(file, `has ${rows} rows, not ${file.rows}`);
  if (table.counted)
    await client.query(
      `SELECT setval(pg_get_serial_sequence('public.${table.name}', '${table.counted}'), max(${table.counted}))
       FROM public.${table.name} HAVING count(*) > 0`,
    );
}

interface Batch {
  readonly sql: string;
  readonly lines: string;
  readonly file: ExportedFile;
}

/** Answers how many rows were taken in. */
async function take(client: ClientBase, { sql, lines, file }: Batch): Promise<number> {
  try {
    const { command, rowCount } = await client.query(sql, [lines]);
    return command === 'INSERT' ? (rowCount ?? 0) : 0;
  } catch (error) {
    const { code } = error as { code?: unknown };
    // Data exceptions and broken constraints: the rows are none of this table's.
    if (typeof code === 'string' && /^2[23]/.test(code))
      throw altered(file, `has rows that can’t be taken in (${code})`);
    throw error;
  }
}

function laterRelease(table: string): DomainError {
  return new DomainError(
    'export/later-release',
    `the export is of a later release: this one does not know all of ${table}`,
  );
}
