import { derivePassword } from '@parley/platform';
import { type Client } from 'pg';
import { scramVerifier } from './scram.js';

/** Roles that own and use what is in tenants' databases; nobody logs in as one of them. */
export const GROUP_ROLES = [
  'parley_owner',
  'parley_app',
  'parley_reader',
  'parley_eraser',
] as const;

/** What a tenant's login role may do: write the log and read models, or read them. */
export type TenantRole = 'app' | 'reader';

/** The tenant's login role of that kind. */
export function loginRole(tenantId: string, role: TenantRole): string {
  return `${tenantId}_${role}`;
}

/** Makes a role that nobody can log in as, unless it is there. */
export async function ensureGroupRole(client: Client, role: string): Promise<void> {
  if (!(await hasRole(client, role))) await client.query(`CREATE ROLE ${role} NOLOGIN`);
}

/** Makes a login role with its derived password, or gives it that password again; `group` is what it is a member of. */
export async function ensureLoginRole(
  client: Client,
  { secret, role, group }: { secret: Buffer; role: string; group?: string },
): Promise<void> {
  if (!(await hasRole(client, role))) await client.query(`CREATE ROLE ${role} LOGIN`);
  const verifier = await scramVerifier(derivePassword(secret, role));
  await client.query(`ALTER ROLE ${role} PASSWORD '${verifier}'`);
  await client.query(`ALTER ROLE ${role} SET search_path = public, pg_temp`);
  await client.query(`ALTER ROLE ${role} SET statement_timeout = '60s'`);
  await client.query(`ALTER ROLE ${role} SET idle_in_transaction_session_timeout = '30s'`);
  if (group) await client.query(`GRANT ${group} TO ${role}`);
}

async function hasRole(client: Client, role: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  return rowCount === 1;
}
