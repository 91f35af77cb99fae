import { deriveKey } from '@parley/platform';
import type pg from 'pg';
import { SERVICE_ROLE } from './role-url.js';

/** Throws where the server's roles were made with another installation secret: they would lock the services out. */
export async function refuseOtherSecret(client: pg.ClientBase, secret: Buffer): Promise<void> {
  const { rows } = await client.query<{ mark: string | null }>(
    `SELECT shobj_description(oid, 'pg_authid') AS mark FROM pg_roles WHERE rolname = $1`,
    [SERVICE_ROLE],
  );
  const mark = rows[0]?.mark ?? null;
  if (mark !== null && mark !== markOf(secret)) {
    throw new Error(
      'this server was provisioned with another installation secret: name its file in PARLEY_SECRET_FILE',
    );
  }
}

/** Leaves the mark of the secret, from which the secret can't be told, as a comment on the services' role. */
export async function markSecret(client: pg.ClientBase, secret: Buffer): Promise<void> {
  await client.query(`COMMENT ON ROLE ${SERVICE_ROLE} IS '${markOf(secret)}'`);
}

function markOf(secret: Buffer): string {
  return `secret ${deriveKey(secret, 'mark of the secret').toString('hex').slice(0, 32)}`;
}
