import { type ReadModelVersion } from '@parley/event-sourcing';
import { newest } from '../rows/active-schema.js';
import { alone, inTransaction } from './admin-session.js';
import { addSchema, dropSchema, listSchemas } from './schema-registry.js';

/**
 * Has a database whose log is empty serve the newest version of the read models: the template, so that new tenants begin
 * with it. Does nothing where it does so already; `adminUrl` is an administrator's.
 */
export async function renewEmptyReadModels(
  adminUrl: string,
  versions: readonly ReadModelVersion[],
): Promise<void> {
  await alone(adminUrl, (client) =>
    inTransaction(client, async () => {
      await client.query('SELECT pg_advisory_xact_lock(7061, 2)');
      const schemas = await listSchemas(client);
      const active = schemas.find(({ state }) => state === 'active');
      const version = newest(versions);
      if (!active || active.version >= version.version) return;
      const { name } = await addSchema(client, version, schemas);
      await client.query('SELECT activate_read_models($1)', [name]);
      await dropSchema(client, `retired_${active.name}`);
    }),
  );
}
