import { type ReadModelVersion } from '@parley/event-sourcing';
import { type ClientBase, type Pool } from 'pg';
import { withTransaction } from '../event-store.js';
import { readActiveSchema, versionOf } from '../rows/active-schema.js';
import { type TableComparison } from '../rows/rebuild-check.js';
import { compareSchemas, type SchemaPair } from './compare-schemas.js';
import { type Target } from './fill.js';
import { builtTo } from './schema-registry.js';

/** What was found equal or not, and up to where: streams that have no event after `position` need not be looked at again. */
export interface Verified {
  readonly position: number;
  readonly tables: readonly TableComparison[];
}

// Large tables take longer than a statement of a service may.
const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0';
const CHANGED = `SELECT DISTINCT stream_id FROM conversation_events WHERE position > $1 AND position <= $2`;

/**
 * Compares the schema with the one that is served, in one snapshot and without a lock: every row but those of streams
 * that the schema has not caught up with, which are left for the next time.
 */
export function verifyAll(
  pool: Pool,
  target: Target,
  versions: readonly ReadModelVersion[],
): Promise<Verified> {
  return withTransaction(pool, SNAPSHOT, async (client) => {
    const pair = await pairOf(client, target, versions);
    const position = await builtTo(client, target.name);
    const behind = await changedStreams(client, position, Infinity);
    const tables = await compareSchemas(client, pair, { streams: behind, isExcept: true });
    return { position, tables };
  });
}

/** Compares, in the same way, the streams that have changed since `verified`. */
export function verifySince(
  pool: Pool,
  target: Target,
  { versions, since }: { readonly versions: readonly ReadModelVersion[]; readonly since: number },
): Promise<Verified> {
  return withTransaction(pool, SNAPSHOT, async (client) => {
    const pair = await pairOf(client, target, versions);
    const position = await builtTo(client, target.name);
    const behind = new Set(await changedStreams(client, position, Infinity));
    const changed = await changedStreams(client, since, position);
    const streams = changed.filter((stream) => !behind.has(stream));
    const tables = await compareSchemas(client, pair, { streams, isExcept: false });
    return { position, tables };
  });
}

/** Compares what has changed since `since` where nothing is behind: under the log lock, all being applied. */
export async function compareSince(
  client: ClientBase,
  pair: SchemaPair,
  since: number,
): Promise<TableComparison[]> {
  const streams = await changedStreams(client, since, Infinity);
  return compareSchemas(client, pair, { streams, isExcept: false });
}

/** The schema that is served now, and the one that is to take its place. */
export async function pairOf(
  client: ClientBase,
  { name, version }: Target,
  versions: readonly ReadModelVersion[],
): Promise<SchemaPair> {
  const live = await readActiveSchema(client);
  return {
    live: { models: versionOf(versions, live).models, schema: live.name },
    built: { models: version.models, schema: name },
  };
}

/** Whether all tables are equal. */
export function isEqual(tables: readonly TableComparison[]): boolean {
  return tables.every(({ firstDifference }) => firstDifference === null);
}

/** The first of two comparisons that found a difference; the first one where neither did. */
export function firstUnequal(
  first: readonly TableComparison[],
  second: readonly TableComparison[],
): readonly TableComparison[] {
  return isEqual(first) && !isEqual(second) ? second : first;
}

async function changedStreams(client: ClientBase, after: number, upTo: number): Promise<string[]> {
  const last = Number.isFinite(upTo) ? upTo : Number.MAX_SAFE_INTEGER;
  const { rows } = await client.query<{ stream_id: string }>(CHANGED, [after, last]);
  return rows.map(({ stream_id }) => stream_id);
}
