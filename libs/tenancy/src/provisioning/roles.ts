import { derivePassword } from '@parley/platform';
import { type Client } from 'pg';
import { scramVerifier } from './scram.js';

/** What a tenant's login role may do: write the log and read models, or read them. */
export type TenantRole = 'app' | 'reader';

/** The tenant's login role of that kind. */
export function loginRole(tenantId: string, role: TenantRole): string {
  return `${tenantId}_${role}`;
}

const SETTINGS = [
  'search_path = public, pg_temp',
  "statement_timeout = '60s'",
  "idle_in_transaction_session_timeout = '30s'",
  // Without these the server learns of a client that is cut off after minutes or hours, and keeps its locks till then.
  'tcp_keepalives_idle = 10',
  'tcp_keepalives_interval = 5',
  'tcp_keepalives_count = 3',
  "tcp_user_timeout = '30s'",
];

/** Makes a login role with its derived password, or gives it that password again; `group` is what it is a member of. */
export async function ensureLoginRole(
  client: Client,
  { secret, role, group }: { secret: Buffer; role: string; group?: string },
): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) await client.query(`CREATE ROLE ${role} LOGIN`);
  const verifier = await scramVerifier(derivePassword(secret, role));
  await client.query(`ALTER ROLE ${role} PASSWORD '${verifier}'`);
  for (const setting of SETTINGS) await client.query(`ALTER ROLE ${role} SET ${setting}`);
  if (group) await client.query(`GRANT ${group} TO ${role}`);
}
