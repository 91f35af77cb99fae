import { type ReadModelVersion } from '@parley/event-sourcing';
import { migrateTenantDatabase, renewEmptyReadModels } from '@parley/event-store';
import { DataSource } from 'typeorm';
import { CreateControl1792800000000 } from '../control/create-control.migration.js';
import { CreateParked1792800001000 } from '../control/create-parked.migration.js';
import { CreatePartners1792800001010 } from '../control/create-partners.migration.js';
import { whileProvisioning, withClient } from './admin-session.js';
import { ensureDatabase } from './databases.js';
import {
  BUS_DATABASE,
  BUS_ROLE,
  CONTROL_DATABASE,
  databaseUrl,
  SERVICE_ROLE,
  TEMPLATE_DATABASE,
} from './role-url.js';
import { ensureLoginRole } from './roles.js';
import { markSecret, refuseOtherSecret } from './secret-mark.js';

/** `adminUrl` must be allowed to make roles and databases; `models` are the read models of tenants' databases. */
export interface ProvisionOptions {
  readonly adminUrl: string;
  readonly secret: Buffer;
  readonly models: readonly ReadModelVersion[];
}

/**
 * Brings a server to what this version needs: roles, control, bus and template database, and the schema of every
 * tenant's database. Changes nothing where all is there; several processes may call it at once. Throws, before anything
 * is changed, where the server was provisioned with another secret.
 */
export async function provision({ adminUrl, secret, models }: ProvisionOptions): Promise<void> {
  await whileProvisioning(adminUrl, async (client) => {
    await refuseOtherSecret(client, secret);
    for (const role of [SERVICE_ROLE, BUS_ROLE]) await ensureLoginRole(client, { secret, role });
    await markSecret(client, secret);
    await ensureDatabase(client, CONTROL_DATABASE, { connectable: [SERVICE_ROLE] });
    await ensureDatabase(client, BUS_DATABASE, { owner: BUS_ROLE });
    await ensureDatabase(client, TEMPLATE_DATABASE, {});
    await migrateControl(adminUrl);
    for (const name of [TEMPLATE_DATABASE, ...(await tenantDatabases(adminUrl))]) {
      await migrateTenantDatabase(databaseUrl(adminUrl, name).href, models);
    }
    await renewEmptyReadModels(databaseUrl(adminUrl, TEMPLATE_DATABASE).href, models);
  });
}

async function tenantDatabases(adminUrl: string): Promise<string[]> {
  return withClient(databaseUrl(adminUrl, CONTROL_DATABASE).href, async (client) => {
    const { rows } = await client.query<{ id: string }>('SELECT id FROM tenants ORDER BY id');
    return rows.map(({ id }) => id);
  });
}

async function migrateControl(adminUrl: string): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    url: databaseUrl(adminUrl, CONTROL_DATABASE).href,
    migrations: [
      CreateControl1792800000000,
      CreateParked1792800001000,
      CreatePartners1792800001010,
    ],
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
    poolSize: 1,
  });
  await source.initialize();
  try {
    await source.runMigrations();
  } finally {
    await source.destroy();
  }
}
