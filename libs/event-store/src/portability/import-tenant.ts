import { DomainError, type ReadModelVersion } from '@parley/event-sourcing';
import pg from 'pg';
import { addAuditEvent } from '../audit/audit-events.js';
import { withTransaction } from '../event-store.js';
import { verifyLog } from '../log/verify-log.js';
import { fill } from '../rebuild/fill.js';
import { addSchema, dropSchema, listSchemas } from '../rebuild/schema-registry.js';
import { type ActiveSchema, readActiveSchema, versionOf } from '../rows/active-schema.js';
import { checkFile } from './exported-file.js';
import { loadTables, refuseUnknownTables } from './load-tables.js';
import { type Manifest, readManifest } from './manifest.js';
import { readModelSums } from './read-model-sums.js';

/** An export whose files are what its manifest says; `sha256` is the manifest's. */
export interface TenantExport {
  readonly directory: string;
  readonly manifest: Manifest;
  readonly sha256: string;
}

/** Where an export is taken in: a tenant's database that is still empty and that nobody uses, under an administrator. */
export interface ImportPlace {
  readonly adminUrl: string;
  readonly versions: readonly ReadModelVersion[];
  readonly actor: string;
}

/** What was taken in. `areReadModelsCompared` is false where this release no longer knows the version they were of. */
export interface Imported {
  readonly logEpoch: number;
  readonly areReadModelsCompared: boolean;
  readonly seconds: number;
}

/**
 * Reads the manifest of an export and every byte of its files. Throws `DomainError` `export/unreadable`,
 * `export/unknown-format`, `export/later-release` or `export/altered`, which names the file.
 */
export async function openExport(directory: string): Promise<TenantExport> {
  const { manifest, sha256 } = await readManifest(directory);
  refuseUnknownTables(manifest);
  for (const file of manifest.files) await checkFile(directory, file);
  return { directory, manifest, sha256 };
}

/**
 * Takes in an export: log, ledger and settings as they were, the log's epoch raised by one, the read models built from
 * the log. Then all of it is compared with the manifest. Throws `DomainError` `export/altered`, `export/later-release`,
 * `export/log-defect` or `export/read-models-differ`: the database is then to be dropped.
 */
export async function importTenant(place: ImportPlace, source: TenantExport): Promise<Imported> {
  const start = performance.now();
  const pool = new pg.Pool({ connectionString: place.adminUrl, max: 4 });
  pool.on('error', () => undefined);
  try {
    await loadTables(pool, source);
    await checkLog(pool, source.manifest);
    const areReadModelsCompared = await buildReadModels(pool, place.versions, source.manifest);
    const logEpoch = source.manifest.log.epoch + 1;
    await audit(pool, place, { source, logEpoch });
    return { logEpoch, areReadModelsCompared, seconds: (performance.now() - start) / 1000 };
  } finally {
    await pool.end();
  }
}

async function checkLog(pool: pg.Pool, { log }: Manifest): Promise<void> {
  const found = await verifyLog(pool);
  if (!found.ok)
    throw new DomainError(
      'export/log-defect',
      `position ${found.position} of the log does not fit (${found.reason})`,
    );
  if (found.head !== log.head || found.hash !== log.hash)
    throw new DomainError('export/log-defect', 'the log does not end as the manifest says');
}

/** Builds those that will be served, and answers whether they could be compared: of a version that is still known. */
async function buildReadModels(
  pool: pg.Pool,
  versions: readonly ReadModelVersion[],
  { read_models: expected }: Manifest,
): Promise<boolean> {
  const active = await readActiveSchema(pool);
  await fill(pool, { name: active.name, version: versionOf(versions, active) });
  const version = versions.find((known) => known.version === expected.version);
  if (!version) return false;
  if (active.version === version.version) {
    await compare(pool, { schema: active, version }, expected);
    return true;
  }
  const beside = await withTransaction(pool, 'BEGIN', async (client) =>
    addSchema(client, version, await listSchemas(client)),
  );
  await fill(pool, { name: beside.name, version });
  await compare(pool, { schema: beside, version }, expected);
  await withTransaction(pool, 'BEGIN', (client) => dropSchema(client, beside.name));
  return true;
}

/** A schema that was built, and what it holds. */
interface Built {
  readonly schema: Pick<ActiveSchema, 'name'>;
  readonly version: ReadModelVersion;
}

async function compare(
  pool: pg.Pool,
  { schema, version }: Built,
  expected: Manifest['read_models'],
): Promise<void> {
  const sums = await withTransaction(pool, 'BEGIN', (client) =>
    readModelSums(client, schema.name, version),
  );
  const different = sums.find(({ table, rows, checksum }) => {
    const other = expected.tables.find((one) => one.table === table);
    return other?.rows !== rows || other.checksum !== checksum;
  });
  if (different || sums.length !== expected.tables.length)
    throw new DomainError(
      'export/read-models-differ',
      `what the log leads to is not what was served there: ${different?.table ?? 'a table is missing'}`,
    );
}

async function audit(
  pool: pg.Pool,
  { actor }: ImportPlace,
  { source, logEpoch }: { readonly source: TenantExport; readonly logEpoch: number },
): Promise<void> {
  const { manifest, sha256 } = source;
  const details = {
    former_id: manifest.tenant.id,
    manifest_sha256: sha256,
    exported_at: manifest.exported_at,
    log_epoch: logEpoch,
    head: manifest.log.head,
  };
  // A tenant's database has the tenant's id for a name.
  const { rows } = await pool.query<{ id: string }>('SELECT current_database() AS id');
  const subject = rows[0]?.id ?? '';
  await addAuditEvent(pool, { actor, action: 'tenant.import', subject, details });
}
