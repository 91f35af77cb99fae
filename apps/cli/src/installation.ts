import { readModels } from '@parley/domain';
import { DomainError } from '@parley/event-sourcing';
import {
  ControlDatabase,
  Credentials,
  prepareServer,
  type PreparedServer,
  type Tenant,
  TenantDatabases,
  Tenants,
} from '@parley/tenancy';
import { type CliConfig } from './config.js';

/** What the commands work on. */
export interface Installation {
  readonly adminUrl: string;
  readonly tenants: Tenants;
  readonly credentials: Credentials;
  readonly databases: TenantDatabases;
}

/** Runs `work` on the installation that `config` names, started and brought up to date where it is not. */
export async function withInstallation<T>(
  config: CliConfig,
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  const server = await prepareServer(config, readModels);
  try {
    return await withControl(server, work);
  } finally {
    await server.stop();
  }
}

async function withControl<T>(
  { adminUrl, secret }: PreparedServer,
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  const control = await ControlDatabase.open({ serverUrl: adminUrl, secret });
  const databases = new TenantDatabases(control);
  try {
    const tenants = new Tenants(control);
    return await work({ adminUrl, tenants, credentials: new Credentials(control), databases });
  } finally {
    await databases.close();
    await control.close();
  }
}

/** The tenant of that id or name; throws `DomainError` `tenant/unknown`. */
export async function tenantNamed({ tenants }: Installation, idOrName: string): Promise<Tenant> {
  const tenant = await tenants.find(idOrName);
  if (!tenant) throw new DomainError('tenant/unknown', `there is no tenant ${idOrName}`);
  return tenant;
}

/** The one tenant that is named, or all of them. */
export async function tenantsNamed(
  installation: Installation,
  idOrName: string | undefined,
): Promise<Tenant[]> {
  if (idOrName === undefined) return installation.tenants.list();
  return [await tenantNamed(installation, idOrName)];
}
