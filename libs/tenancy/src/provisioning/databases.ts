import { type Client } from 'pg';

/** Makes a database unless it is there; only `connectable` roles (and its owner) may connect to it. */
export async function ensureDatabase(
  client: Client,
  name: string,
  {
    owner,
    template,
    connectable = [],
  }: {
    readonly owner?: string;
    readonly template?: string;
    readonly connectable?: readonly string[];
  },
): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  if (rowCount === 0) {
    const ownedBy = owner ? ` OWNER ${owner}` : '';
    // template0 holds nothing that an administrator may have put into template1, and nobody is ever connected to it.
    const source = template ?? `template0 ENCODING 'UTF8'`;
    await client.query(`CREATE DATABASE ${name}${ownedBy} TEMPLATE ${source}`);
  }
  await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  for (const role of connectable)
    await client.query(`GRANT CONNECT ON DATABASE ${name} TO ${role}`);
}
