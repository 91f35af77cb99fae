import { type ReadModelVersion } from '@parley/event-sourcing';
import { isOutage, migrateTenantDatabase, renewEmptyReadModels } from '@parley/event-store';
import { DataSource } from 'typeorm';
import { CreateControl1792800000000 } from '../control/create-control.migration.js';
import { CreateControlAudit1792800001005 } from '../control/create-control-audit.migration.js';
import { CreateParked1792800001000 } from '../control/create-parked.migration.js';
import { CreatePartners1792800001010 } from '../control/create-partners.migration.js';
import { whileProvisioning, withClient } from './admin-session.js';
import { ensureDatabase } from './databases.js';
import {
  BUS_DATABASE,
  BUS_ROLE,
  CONTROL_DATABASE,
  databaseUrl,
  type NamedServers,
  PRIMARY_SERVER,
  SERVICE_ROLE,
  TEMPLATE_DATABASE,
  urlOfServer,
} from './role-url.js';
import { ensureLoginRole } from './roles.js';
import { markSecret, refuseOtherSecret } from './secret-mark.js';

/**
 * `adminUrl`, and the URLs of the other servers that tenants are placed on, must be allowed to make roles and databases;
 * `models` are the read models of tenants' databases.
 */
export interface ProvisionOptions {
  readonly adminUrl: string;
  readonly servers?: NamedServers;
  readonly secret: Buffer;
  readonly models: readonly ReadModelVersion[];
}

/**
 * Brings a server to what this version needs: roles, control, bus and template database, and the schema of every
 * tenant's database, on the other servers too. Changes nothing where all is there; several processes may call it at
 * once. Throws, before anything is changed, where the server was provisioned with another secret. Answers the names of
 * the other servers that are away: they are brought up to date when it is called again.
 */
export async function provision(options: ProvisionOptions): Promise<readonly string[]> {
  const { adminUrl, secret, servers = {} } = options;
  return whileProvisioning(adminUrl, async (client) => {
    await refuseOtherSecret(client, secret);
    for (const role of [SERVICE_ROLE, BUS_ROLE]) await ensureLoginRole(client, { secret, role });
    await markSecret(client, secret);
    await ensureDatabase(client, CONTROL_DATABASE, { connectable: [SERVICE_ROLE] });
    await ensureDatabase(client, BUS_DATABASE, { owner: BUS_ROLE });
    await ensureDatabase(client, TEMPLATE_DATABASE, {});
    await migrateControl(adminUrl);
    await migrateTenants(options, PRIMARY_SERVER);
    const away: string[] = [];
    for (const name of Object.keys(servers)) {
      if (!(await provisionOther(options, name))) away.push(name);
    }
    return away;
  });
}

/** What a server needs on which there are tenants' databases alone; false where it is away. */
async function provisionOther(options: ProvisionOptions, name: string): Promise<boolean> {
  const { secret } = options;
  try {
    await withClient(serverOf(options, name), async (client) => {
      await refuseOtherSecret(client, secret);
      await ensureLoginRole(client, { secret, role: SERVICE_ROLE });
      await markSecret(client, secret);
      await ensureDatabase(client, TEMPLATE_DATABASE, {});
    });
    await migrateTenants(options, name);
    return true;
  } catch (error) {
    if (isOutage(error)) return false;
    throw error;
  }
}

async function migrateTenants(options: ProvisionOptions, server: string): Promise<void> {
  const url = serverOf(options, server);
  for (const name of [TEMPLATE_DATABASE, ...(await tenantDatabases(options.adminUrl, server))]) {
    await migrateTenantDatabase(databaseUrl(url, name).href, options.models);
  }
  await renewEmptyReadModels(databaseUrl(url, TEMPLATE_DATABASE).href, options.models);
}

async function tenantDatabases(adminUrl: string, server: string): Promise<string[]> {
  return withClient(databaseUrl(adminUrl, CONTROL_DATABASE).href, async (client) => {
    const sql = 'SELECT tenant_id AS id FROM placements WHERE server = $1 ORDER BY tenant_id';
    const { rows } = await client.query<{ id: string }>(sql, [server]);
    return rows.map(({ id }) => id);
  });
}

function serverOf({ adminUrl, servers }: ProvisionOptions, name: string): string {
  return urlOfServer({ serverUrl: adminUrl, servers }, name);
}

async function migrateControl(adminUrl: string): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    url: databaseUrl(adminUrl, CONTROL_DATABASE).href,
    migrations: [
      CreateControl1792800000000,
      CreateParked1792800001000,
      CreateControlAudit1792800001005,
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
