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

/** The server of the control database, and of tenants that are placed on no other. */
export const PRIMARY_SERVER = 'primary';

/** PostgreSQL servers by the names that placements give them; all share the installation's secret and roles. */
export type NamedServers = Readonly<Record<string, string>>;

/** The primary server, the other ones, and the installation secret that role passwords are derived from. */
export interface ServerAccess {
  readonly serverUrl: string;
  readonly servers?: NamedServers;
  readonly secret: Buffer;
}

/** The URL of the server of that name; throws where this process was not told of it. */
export function urlOfServer(
  { serverUrl, servers = {} }: Pick<ServerAccess, 'serverUrl' | 'servers'>,
  name: string,
): string {
  const url = name === PRIMARY_SERVER ? serverUrl : servers[name];
  if (url === undefined)
    throw new Error(`this process knows no database server named ${name}: see PARLEY_SERVERS`);
  return url;
}

/** The URL with which `role` reaches `database` on the server of `serverUrl`, whose own user plays no part. */
export function roleUrl(
  { serverUrl, secret }: Pick<ServerAccess, 'serverUrl' | 'secret'>,
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
