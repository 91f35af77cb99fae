import pg from 'pg';

const CONNECT_WITHIN_MS = 5_000;
const PROVISIONING_LOCK = 'parley provisioning';

/** Runs `work` on one connection of the administrator to the database that `url` names. */
export async function withClient<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    application_name: 'parley-provisioning',
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Runs `work` while no other process of the installation provisions: roles are shared by a whole server, and a
 * database cannot be copied while somebody works in it.
 */
export function whileProvisioning<T>(
  adminUrl: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  return withClient(adminUrl, async (client) => {
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [PROVISIONING_LOCK]);
    return work(client);
  });
}
