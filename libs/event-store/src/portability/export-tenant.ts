import { mkdir, readdir } from 'node:fs/promises';
import { DomainError, type ReadModelVersion } from '@parley/event-sourcing';
import { type ClientBase, type Pool } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { addAuditEvent } from '../audit/audit-events.js';
import { withTransaction } from '../event-store.js';
import { verifyLog } from '../log/verify-log.js';
import { tenantMigrations } from '../migrations/tenant-migrations.js';
import { readActiveSchema, versionOf } from '../rows/active-schema.js';
import { writeLines } from './exported-file.js';
import { columnsOf, copyLines, EXPORTED_TABLES, type ExportedTable } from './exported-tables.js';
import { type ExportedFile, type Manifest, writeManifest } from './manifest.js';
import { readModelSums } from './read-model-sums.js';

/** What is exported, where to, and who asks for it; `pool` is the tenant's runtime role's. */
export interface ExportRequest {
  readonly pool: Pool;
  readonly versions: readonly ReadModelVersion[];
  readonly tenant: Manifest['tenant'];
  /** Made where it is not there; has to be empty. */
  readonly directory: string;
  readonly actor: string;
}

/** What was exported; `sha256` is the manifest's, to be noted elsewhere. */
export interface Exported {
  readonly manifest: Manifest;
  readonly sha256: string;
  readonly seconds: number;
}

// A large tenant takes longer than a service's statement may.
const SNAPSHOT = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0;
  SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL TIME ZONE 'UTC'`;

/**
 * Writes all that a tenant's database holds and that is not derived, as of one moment, to a directory: a file a table,
 * and a manifest, which comes last. Writers go on meanwhile; memory does not grow with the tenant. A long export holds
 * back vacuum for as long as it runs. Throws `DomainError` `export/not-empty`, and `export/log-defect` for a log that no
 * import would take.
 */
export async function exportTenant(request: ExportRequest): Promise<Exported> {
  const { pool, directory, tenant, actor } = request;
  const start = performance.now();
  await prepareDirectory(directory);
  // First, so that nobody has the data of whom nothing is known.
  await addAuditEvent(pool, { actor, action: 'tenant.export', subject: tenant.id, details: {} });
  const cut = new AbortController();
  const write = (client: ClientBase) =>
    writeSnapshot(client, request).catch((error: unknown) => {
      // A COPY that nobody reads any more never ends: only without its connection.
      cut.abort(error);
      throw error;
    });
  const manifest = await withTransaction(pool, SNAPSHOT, write, cut.signal);
  const sha256 = await writeManifest(directory, manifest);
  return { manifest, sha256, seconds: (performance.now() - start) / 1000 };
}

async function writeSnapshot(client: ClientBase, request: ExportRequest): Promise<Manifest> {
  const { versions, tenant, directory } = request;
  const log = await describeLog(client);
  const schema = await readActiveSchema(client);
  const tables = await readModelSums(client, schema.name, versionOf(versions, schema));
  const files: ExportedFile[] = [];
  for (const table of EXPORTED_TABLES) files.push(await writeTable(client, table, directory));
  return {
    format: 'parley-tenant',
    format_version: 1,
    exported_at: new Date().toISOString(),
    schema: tenantMigrations(versions).at(-1)?.name ?? '',
    tenant: { id: tenant.id, name: tenant.name },
    log,
    read_models: { version: schema.version, tables },
    files,
  };
}

async function describeLog(client: ClientBase): Promise<Manifest['log']> {
  const verification = await verifyLog(client);
  if (!verification.ok)
    throw new DomainError(
      'export/log-defect',
      `position ${verification.position} of the log does not fit (${verification.reason})`,
    );
  const { rows } = await client.query<{ log_id: string; log_epoch: number }>(
    'SELECT log_id, log_epoch FROM log_identity',
  );
  const { head, hash } = verification;
  return { id: rows[0]?.log_id ?? '', epoch: rows[0]?.log_epoch ?? 0, head, hash };
}

async function writeTable(
  client: ClientBase,
  table: ExportedTable,
  directory: string,
): Promise<ExportedFile> {
  const columns = await columnsOf(client, table);
  const lines = client.query(copyTo(copyLines(table, columns)));
  const written = await writeLines(directory, table.name, lines);
  const names = columns.map(({ name }) => name);
  return { table: table.name, columns: names, rows: lines.rowCount, ...written };
}

async function prepareDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if ((await readdir(directory)).length > 0)
    throw new DomainError('export/not-empty', `${directory} is not empty`);
}
