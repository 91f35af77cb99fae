import { randomBytes } from 'node:crypto';
import { DomainError } from '@parley/event-sourcing';
import { initializeLog } from '@parley/event-store';
import { type Client } from 'pg';
import { checkTenantName } from '../tenants/tenant-name.js';
import { whileProvisioning, withClient } from './admin-session.js';
import { ensureDatabase } from './databases.js';
import {
  CONTROL_DATABASE,
  databaseUrl,
  type NamedServers,
  PRIMARY_SERVER,
  TEMPLATE_DATABASE,
  urlOfServer,
} from './role-url.js';
import { ensureLoginRole, loginRole, type TenantRole } from './roles.js';

const GROUPS: Readonly<Record<TenantRole, string>> = { app: 'parley_app', reader: 'parley_reader' };

/** What a new tenant needs; `server` is the name of the one of `servers` that its database is to be on. */
export interface CreateTenantOptions {
  readonly adminUrl: string;
  readonly servers?: NamedServers;
  readonly server?: string;
  readonly secret: Buffer;
  readonly name: string;
}

/**
 * Makes a tenant's database and roles first and its row last: a crash in between leaves an unused database and no
 * tenant. Throws `DomainError` `tenant/invalid-name` or `tenant/name-taken`.
 */
export async function createTenant(
  options: CreateTenantOptions,
): Promise<{ id: string; name: string }> {
  const { adminUrl, name, servers, server = PRIMARY_SERVER } = options;
  const id = newTenantId();
  checkTenantName(name);
  const serverUrl = urlOfServer({ serverUrl: adminUrl, servers }, server);
  await whileProvisioning(adminUrl, () =>
    withClient(databaseUrl(adminUrl, CONTROL_DATABASE).href, async (control) => {
      await refuseTaken(control, name);
      await createDatabase(serverUrl, id, options.secret);
      await register(control, { id, name, server });
    }),
  );
  return { id, name };
}

/** An id that no tenant has. */
export function newTenantId(): string {
  return `t_${randomBytes(10).toString('hex')}`;
}

/** Throws `DomainError` `tenant/invalid-name` or `tenant/name-taken`. */
export async function refuseTaken(control: Client, name: string): Promise<void> {
  checkTenantName(name);
  const { rowCount } = await control.query('SELECT FROM tenants WHERE name = $1', [name]);
  if (rowCount !== 0) throw new DomainError('tenant/name-taken', 'a tenant of that name exists');
}

/** Makes a tenant's login roles, and its database from the template. */
export async function createDatabase(serverUrl: string, id: string, secret: Buffer): Promise<void> {
  const roles = Object.entries(GROUPS) as [TenantRole, string][];
  await withClient(serverUrl, async (client) => {
    for (const [role, group] of roles) {
      await ensureLoginRole(client, { secret, role: loginRole(id, role), group });
    }
    const connectable = roles.map(([role]) => loginRole(id, role));
    await ensureDatabase(client, id, { template: TEMPLATE_DATABASE, connectable });
  });
  await withClient(databaseUrl(serverUrl, id).href, initializeLog);
}

/** Makes a tenant of a database that is ready. */
export async function register(
  control: Client,
  { id, name, server }: { readonly id: string; readonly name: string; readonly server: string },
): Promise<void> {
  await control.query(
    `WITH tenant AS (INSERT INTO tenants (id, name) VALUES ($1, $2) RETURNING id)
     INSERT INTO placements (tenant_id, server) SELECT id, $3 FROM tenant`,
    [id, name, server],
  );
}
