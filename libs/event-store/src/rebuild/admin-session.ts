import { DomainError } from '@parley/event-sourcing';
import pg from 'pg';

/**
 * Runs `work` on a connection of the administrator, one at a time a database; the lock goes with the process, however
 * that ends. Throws `DomainError` `rebuild/under-way`.
 */
export async function alone<T>(
  adminUrl: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: adminUrl, application_name: 'parley-rebuild' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    // Also for what is dropped later, which readers may still have in hand.
    await client.query(`SET lock_timeout = '3s'`);
    await client.query('SELECT pg_advisory_lock(7061, 4)').catch((error: { code?: unknown }) => {
      if (error.code !== '55P03') throw error;
      throw new DomainError('rebuild/under-way', 'another rebuild of this tenant is under way');
    });
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Commits what `work` does, or nothing of it. */
export async function inTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
