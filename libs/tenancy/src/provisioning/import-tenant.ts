import { DomainError } from '@parley/event-sourcing';
import { type Client } from 'pg';
import { isTenantId } from '../tenants/tenant-name.js';
import { whileProvisioning, withClient } from './admin-session.js';
import {
  createDatabase,
  type CreateTenantOptions,
  newTenantId,
  refuseTaken,
  register,
} from './create-tenant.js';
import { CONTROL_DATABASE, databaseUrl, PRIMARY_SERVER, urlOfServer } from './role-url.js';
import { loginRole } from './roles.js';

/** What a tenant from elsewhere needs; `id` is the one that it had there, null for a new one. */
export interface ImportTenantOptions extends Omit<CreateTenantOptions, 'name'> {
  readonly id: string | null;
  readonly name: string;
}

/** Fills the new database, which nobody else knows yet; `adminUrl` is the administrator's. */
export type FillDatabase<T> = (adminUrl: string) => Promise<T>;

const UNDER_WAY = 'parley: an import is under way';
const IN_USE = '55006';

/**
 * Makes a tenant of what `fill` puts into its database; there is no tenant before that, and none where it fails. What a
 * process that was killed meanwhile has left behind goes with the next try. Throws `DomainError` `tenant/invalid-name`,
 * `tenant/name-taken`, `tenant/exists`, `tenant/database-exists` or `tenant/import-under-way`.
 */
export async function importTenant<T>(
  options: ImportTenantOptions,
  fill: FillDatabase<T>,
): Promise<{ id: string; name: string; filled: T }> {
  const { adminUrl, name, secret, servers, server = PRIMARY_SERVER } = options;
  const id = options.id ?? newTenantId();
  if (!isTenantId(id)) throw new DomainError('tenant/invalid-id', 'that is no id of a tenant');
  const serverUrl = urlOfServer({ serverUrl: adminUrl, servers }, server);
  const inControl = (work: (control: Client) => Promise<void>) =>
    whileProvisioning(adminUrl, () =>
      withClient(databaseUrl(adminUrl, CONTROL_DATABASE).href, work),
    );
  await inControl(async (control) => {
    await refuseTaken(control, name);
    await refuseExisting(control, id);
    await withClient(serverUrl, (client) => dropUnfinished(client, id));
    await createDatabase(serverUrl, id, secret);
    await withClient(serverUrl, (client) =>
      client.query(`COMMENT ON DATABASE ${id} IS '${UNDER_WAY}'`),
    );
  });
  try {
    const url = databaseUrl(serverUrl, id).href;
    // A connection for all the while keeps another try from dropping the database.
    const filled = await withClient(url, () => fill(url));
    await inControl(async (control) => {
      await refuseTaken(control, name);
      await register(control, { id, name, server });
      await withClient(serverUrl, (client) => client.query(`COMMENT ON DATABASE ${id} IS NULL`));
    });
    return { id, name, filled };
  } catch (error) {
    const discard = async (control: Client) => {
      // What failed may be what came after the registration.
      await refuseExisting(control, id);
      await withClient(serverUrl, (client) => dropUnfinished(client, id));
    };
    await inControl(discard).catch(() => undefined);
    throw error;
  }
}

async function refuseExisting(control: Client, id: string): Promise<void> {
  const { rowCount } = await control.query('SELECT FROM tenants WHERE id = $1', [id]);
  if (rowCount === 0) return;
  throw new DomainError('tenant/exists', `the tenant ${id} is in this installation already`);
}

async function dropUnfinished(client: Client, id: string): Promise<void> {
  const { rows } = await client.query<{ mark: string | null }>(
    `SELECT shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname = $1`,
    [id],
  );
  if (!rows[0]) return;
  if (rows[0].mark !== UNDER_WAY)
    throw new DomainError(
      'tenant/database-exists',
      `there is a database ${id} of no tenant: look what it is before you drop it`,
    );
  await client.query(`DROP DATABASE ${id}`).catch((error: { code?: unknown }) => {
    if (error.code !== IN_USE) throw error;
    throw new DomainError('tenant/import-under-way', `the tenant ${id} is being imported`);
  });
  for (const role of ['app', 'reader'] as const)
    await client.query(`DROP ROLE IF EXISTS ${loginRole(id, role)}`);
}
