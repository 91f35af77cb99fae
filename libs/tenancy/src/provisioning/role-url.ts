import { derivePassword } from '@parley/platform';

/** Database of tenants, placement and credentials. */
export const CONTROL_DATABASE = 'parley_control';
/** Database of the embedded bus and of the topic registry. */
export const BUS_DATABASE = 'parley_bus';
/** Database that tenants' databases are copied from. */
export const TEMPLATE_DATABASE = 'parley_template';
/** Login role of the services in the control database. */
export const SERVICE_ROLE = 'parley_service';
/** Login role, and owner, of the bus database. */
export const BUS_ROLE = 'parley_bus';

/** A PostgreSQL server and the installation secret that its role passwords are derived from. */
export interface ServerAccess {
  readonly serverUrl: string;
  readonly secret: Buffer;
}

/** The URL with which `role` reaches `database` on the server of `serverUrl`, whose own user plays no part. */
export function roleUrl(
  { serverUrl, secret }: ServerAccess,
  role: string,
  database: string,
): string {
  const url = databaseUrl(serverUrl, database);
  url.username = role;
  url.password = derivePassword(secret, role);
  return url.href;
}

/** The same server and user, another database. */
export function databaseUrl(serverUrl: string, database: string): URL {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url;
}

/** The URL of the bus database, for the embedded bus and the topic registry. */
export function busUrl(access: ServerAccess): string {
  return roleUrl(access, BUS_ROLE, BUS_DATABASE);
}
