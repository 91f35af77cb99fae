import { readModels } from '@parley/domain';
import { DomainError } from '@parley/event-sourcing';
import { type Bus } from '@parley/messaging';
import { createLogger } from '@parley/platform';
import {
  ControlDatabase,
  Credentials,
  openBus,
  Partners,
  prepareServer,
  type PreparedServer,
  type Tenant,
  TenantDatabases,
  Tenants,
} from '@parley/tenancy';
import { type CliConfig } from './config.js';

// What goes wrong is the command's to say, in one line.
const SILENT = createLogger({ service: 'cli', level: 'silent' });

/** What the commands work on. */
export interface Installation {
  readonly adminUrl: string;
  readonly control: ControlDatabase;
  readonly tenants: Tenants;
  readonly credentials: Credentials;
  readonly databases: TenantDatabases;
  readonly partners: Partners;
  readonly config: CliConfig;
  /** The installation's bus, opened when it is asked for first: most commands have no use for it. */
  bus(): Promise<Bus>;
}

/** Runs `work` on the installation that `config` names, started and brought up to date where it is not. */
export async function withInstallation<T>(
  config: CliConfig,
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  const server = await prepareServer(config, readModels);
  try {
    return await withControl(server, config, work);
  } finally {
    await server.stop();
  }
}

async function withControl<T>(
  { adminUrl, secret }: PreparedServer,
  config: CliConfig,
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  const access = { serverUrl: adminUrl, servers: config.PARLEY_SERVERS, secret };
  const control = await ControlDatabase.open(access);
  const databases = new TenantDatabases(control);
  let opened: Promise<Bus> | undefined;
  const installation: Installation = {
    ...{ adminUrl, control, databases, config },
    tenants: new Tenants(control),
    credentials: new Credentials(control),
    partners: new Partners(control),
    bus: () => (opened ??= openBus(control, config, { name: 'cli', logger: SILENT })),
  };
  try {
    return await work(installation);
  } finally {
    // What kept it from opening is known to the command that asked for it.
    await opened?.then(
      (found) => found.close(),
      () => undefined,
    );
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
