import { randomBytes } from 'node:crypto';
import { DomainError } from '@parley/event-sourcing';
import { initializeLog } from '@parley/event-store';
import { type Client } from 'pg';
import { checkTenantName } from '../tenants/tenant-name.js';
import { whileProvisioning, withClient } from './admin-session.js';
import { ensureDatabase } from './databases.js';
import { CONTROL_DATABASE, databaseUrl, TEMPLATE_DATABASE } from './role-url.js';
import { ensureLoginRole, loginRole, type TenantRole } from './roles.js';

/** The one server there is until placement is given a choice. */
export const PRIMARY_SERVER = 'primary';

const GROUPS: Readonly<Record<TenantRole, string>> = { app: 'parley_app', reader: 'parley_reader' };

/** What a new tenant needs. */
export interface CreateTenantOptions {
  readonly adminUrl: string;
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
  const { adminUrl, name } = options;
  checkTenantName(name);
  const id = `t_${randomBytes(10).toString('hex')}`;
  await whileProvisioning(adminUrl, (client) =>
    withClient(databaseUrl(adminUrl, CONTROL_DATABASE).href, async (control) => {
      const taken = await control.query('SELECT FROM tenants WHERE name = $1', [name]);
      if (taken.rowCount !== 0) {
        throw new DomainError('tenant/name-taken', 'a tenant of that name exists');
      }
      await createDatabase(client, id, options);
      await register(control, id, name);
    }),
  );
  return { id, name };
}

async function createDatabase(
  client: Client,
  id: string,
  { adminUrl, secret }: CreateTenantOptions,
): Promise<void> {
  const roles = Object.entries(GROUPS) as [TenantRole, string][];
  for (const [role, group] of roles) {
    await ensureLoginRole(client, { secret, role: loginRole(id, role), group });
  }
  const connectable = roles.map(([role]) => loginRole(id, role));
  await ensureDatabase(client, id, { template: TEMPLATE_DATABASE, connectable });
  await withClient(databaseUrl(adminUrl, id).href, initializeLog);
}

async function register(control: Client, id: string, name: string): Promise<void> {
  await control.query(
    `WITH tenant AS (INSERT INTO tenants (id, name) VALUES ($1, $2) RETURNING id)
     INSERT INTO placements (tenant_id, server) SELECT id, $3 FROM tenant`,
    [id, name, PRIMARY_SERVER],
  );
}
