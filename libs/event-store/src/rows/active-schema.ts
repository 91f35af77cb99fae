import { type ReadModelVersion } from '@parley/event-sourcing';
import { UnknownReadModelsError } from '../errors.js';
import { type Queryable } from '../log/log-reader.js';

/** The schema whose read models are served, and the version of what it holds. */
export interface ActiveSchema {
  readonly name: string;
  readonly version: number;
}

/** The schema that is served now. Within a transaction on the log it stays so; outside of one use `ActiveReads`. */
export async function readActiveSchema(db: Queryable): Promise<ActiveSchema> {
  const { rows } = await db.query<ActiveSchema>(
    `SELECT name, version FROM read_model_schemas WHERE state = 'active'`,
  );
  if (!rows[0]) throw new Error('no read models are served in this database');
  return rows[0];
}

/** Whether this code knows what the schema holds. */
export function isKnown(
  versions: readonly ReadModelVersion[],
  { version }: Pick<ActiveSchema, 'version'>,
): boolean {
  return versions.some((known) => known.version === version);
}

/** What the schema holds; throws `UnknownReadModelsError`. */
export function versionOf(
  versions: readonly ReadModelVersion[],
  { version }: Pick<ActiveSchema, 'version'>,
): ReadModelVersion {
  const found = versions.find((known) => known.version === version);
  if (!found) throw new UnknownReadModelsError(version);
  return found;
}

/** Whether the database serves the newest version of the read models that this code knows, or a later one. */
export async function servesNewest(
  db: Queryable,
  versions: readonly ReadModelVersion[],
): Promise<boolean> {
  return (await readActiveSchema(db)).version >= newest(versions).version;
}

/** The newest of the versions that a release knows. */
export function newest(versions: readonly ReadModelVersion[]): ReadModelVersion {
  const [first] = versions.toSorted((a, b) => b.version - a.version);
  if (!first) throw new Error('a release knows at least one version of the read models');
  return first;
}
