import { type ReadModelVersion } from '@parley/event-sourcing';
import { type ClientBase } from 'pg';
import { quoted } from '../copy/columns.js';
import { type Queryable } from '../log/log-reader.js';
import { createReadModelSchema } from '../rows/read-model-schema.js';

/** A schema of read models; `builtTo` is how far the log is in it, as long as it is not served. */
export interface RegisteredSchema {
  readonly name: string;
  readonly version: number;
  readonly state: 'building' | 'active' | 'retired';
  readonly builtTo: number;
}

/** Every schema of a tenant's database, the one that changed its state last first. */
export async function listSchemas(db: Queryable): Promise<RegisteredSchema[]> {
  const { rows } = await db.query<RegisteredSchema>(
    `SELECT name, version, state, built_to::float8 AS "builtTo" FROM read_model_schemas
     ORDER BY changed_at DESC, name`,
  );
  return rows;
}

/** How far a schema is built; throws where it was dropped. */
export async function builtTo(db: Queryable, name: string): Promise<number> {
  const { rows } = await db.query<{ built_to: string }>(
    'SELECT built_to FROM read_model_schemas WHERE name = $1',
    [name],
  );
  if (!rows[0]) throw new Error(`the read models ${name} are gone`);
  return Number(rows[0].built_to);
}

/** Makes an empty schema for a version, beside all that are there. For an administrator, within a transaction. */
export async function addSchema(
  client: ClientBase,
  { version, models }: ReadModelVersion,
  existing: readonly RegisteredSchema[],
): Promise<RegisteredSchema> {
  const name = freeName(version, existing);
  await createReadModelSchema(client, name, models);
  await client.query(
    `INSERT INTO read_model_schemas (name, version, state, built_to) VALUES ($1, $2, 'building', 0)`,
    [name, version],
  );
  return { name, version, state: 'building', builtTo: 0 };
}

/** Drops a schema that is not served. For an administrator, within a transaction. */
export async function dropSchema(client: ClientBase, name: string): Promise<void> {
  const { rowCount } = await client.query(
    `DELETE FROM read_model_schemas WHERE name = $1 AND state <> 'active'`,
    [name],
  );
  if (rowCount === 1) await client.query(`DROP SCHEMA ${quoted(name)} CASCADE`);
}

// A retired schema comes back under the name it had.
function freeName(version: number, existing: readonly RegisteredSchema[]): string {
  const taken = new Set(existing.flatMap(({ name }) => [name, name.replace(/^retired_/, '')]));
  for (let count = 0; ; count += 1) {
    const name = count === 0 ? `rm_${version}` : `rm_${version}_${count}`;
    if (!taken.has(name)) return name;
  }
}
