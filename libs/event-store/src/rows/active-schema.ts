import { type ReadModel, type ReadModelVersion } from '@parley/event-sourcing';
import { UnknownReadModelsError } from '../errors.js';
import { type Queryable } from '../log/log-reader.js';
import { type ReadModels } from './row-set.js';

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

/** The read models of that version; null where this code does not know it. */
export function modelsIn(
  versions: readonly ReadModelVersion[],
  { version }: Pick<ActiveSchema, 'version'>,
): readonly ReadModel[] | null {
  return versions.find((known) => known.version === version)?.models ?? null;
}

/** What is served now, schema and models; throws `UnknownReadModelsError`. */
export async function servedModels(
  db: Queryable,
  versions: readonly ReadModelVersion[],
): Promise<ReadModels> {
  const schema = await readActiveSchema(db);
  const models = modelsIn(versions, schema);
  if (!models) throw new UnknownReadModelsError(schema.version);
  return { models, schema: schema.name };
}

/** The newest of the versions that a release knows. */
export function newest(versions: readonly ReadModelVersion[]): ReadModelVersion {
  const [first] = versions.toSorted((a, b) => b.version - a.version);
  if (!first) throw new Error('a release knows at least one version of the read models');
  return first;
}
