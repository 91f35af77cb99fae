import { randomBytes } from 'node:crypto';
import { type ClientBase } from 'pg';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { type ReadModelVersion } from '@parley/event-sourcing';
import { newest } from '../rows/active-schema.js';
import { createReadModelSchema } from '../rows/read-model-schema.js';
import { CreateAuditEvents1763700001000 } from './audit-events.migration.js';
import { AddRedaction1763700001020 } from './redaction.migration.js';
import { CreateLogFollowers1763700001070 } from './log-followers.migration.js';
import { CreateSearch1763700001080 } from './search.migration.js';
import { LEDGER_STATEMENTS } from './ledger-statements.js';
import { ERASER_STATEMENTS, LOG_STATEMENTS } from './log-statements.js';
import {
  CreateReadModelSchemas1763700001050,
  LET_OWNER_NAME_SCHEMAS,
} from './read-model-schemas.migration.js';
import { ROLE_STATEMENTS } from './roles.js';
import { irreversible, runAs } from './run-as.js';

class CreateLog1763700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of ROLE_STATEMENTS) await runner.query(statement);
    await runAs(runner, 'parley_owner', LOG_STATEMENTS);
    await runner.query('GRANT CREATE ON SCHEMA public TO parley_eraser');
    await runAs(runner, 'parley_eraser', ERASER_STATEMENTS);
    await runner.query('REVOKE CREATE ON SCHEMA public FROM parley_eraser');
  }

  async down(): Promise<void> {
    irreversible();
  }
}

class CreateLedger1763700000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAs(runner, 'parley_owner', LEDGER_STATEMENTS);
  }

  async down(): Promise<void> {
    irreversible();
  }
}

/**
 * The migrations of a tenant's database, for an administrator's connection. The read models are handed in as values,
 * the newest version first: a new database begins with that one.
 */
export function tenantMigrations(
  versions: readonly ReadModelVersion[],
): (new () => MigrationInterface)[] {
  const { version, models } = newest(versions);
  class CreateReadModels1763700000002 implements MigrationInterface {
    async up(runner: QueryRunner): Promise<void> {
      await createReadModelSchema(runner, `rm_${version}`, models);
      await runner.query(
        `INSERT INTO active_read_model (version, built_to) VALUES (${version}, 0)`,
      );
    }

    async down(): Promise<void> {
      irreversible();
    }
  }
  return [
    CreateLog1763700000000,
    CreateLedger1763700000001,
    CreateReadModels1763700000002,
    CreateAuditEvents1763700001000,
    AddRedaction1763700001020,
    CreateReadModelSchemas1763700001050,
    CreateLogFollowers1763700001070,
    CreateSearch1763700001080,
  ];
}

/**
 * Brings a tenant's database, or the template of them, to the newest schema; `url` is an administrator's.
 * Safe to repeat, and to run for several databases of a server at once.
 */
export async function migrateTenantDatabase(
  url: string,
  versions: readonly ReadModelVersion[],
): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    url,
    migrations: tenantMigrations(versions),
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
    extra: { max: 1 },
  });
  await source.initialize();
  try {
    // Two processes may start at the same time on one database.
    await source.query('SELECT pg_advisory_lock(7061, 3)');
    await source.runMigrations();
  } finally {
    await source.destroy();
  }
}

/**
 * Gives a database that was copied from the template an identity of its own: the id that its chain starts from and the
 * key of its identity digests. Needs an administrator's connection; does nothing the second time.
 */
export async function initializeLog(client: ClientBase): Promise<void> {
  await client.query(
    `INSERT INTO log_identity (log_id, log_epoch, digest_key) VALUES (gen_random_uuid(), 1, $1)
     ON CONFLICT DO NOTHING`,
    [randomBytes(32)],
  );
  // A rebuild check fills temporary tables; the right to make them is the database's, which a copy does not inherit.
  await client.query(
    `DO $do$ BEGIN
       EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO parley_app', current_database());
     END $do$`,
  );
  await client.query(LET_OWNER_NAME_SCHEMAS);
}
