import { type ReadModel } from '@parley/event-sourcing';
import { type ClientBase } from 'pg';
import { quoted } from '../copy/columns.js';
import { type ReadModels } from '../rows/row-set.js';
import { type TableComparison } from '../rows/rebuild-check.js';

/** Two schemas: the one that is served and the one that is to take its place. */
export interface SchemaPair {
  readonly live: ReadModels;
  readonly built: ReadModels;
}

/** Which streams' rows are compared: those of some streams, or all but theirs. */
export interface StreamChoice {
  readonly streams: readonly string[];
  readonly isExcept: boolean;
}

/** A read model of both sides; `columns` are those that both versions have. */
interface CommonTable {
  readonly table: string;
  readonly columns: readonly string[];
  readonly keys: readonly string[];
}

interface Side {
  readonly rows: number;
  readonly checksum: string;
}

/**
 * Compares the read models that both sides have, in the columns that both have, in the snapshot that `client` is in.
 * Checksums do not depend on the order of rows: they are sums of 64-bit hashes, for comparing within one database only.
 */
export async function compareSchemas(
  client: ClientBase,
  pair: SchemaPair,
  choice: StreamChoice,
): Promise<TableComparison[]> {
  const comparisons: TableComparison[] = [];
  for (const common of commonTables(pair)) {
    const live = await sideOf(client, pair.live.schema, common, choice);
    const built = await sideOf(client, pair.built.schema, common, choice);
    const isEqual = live.rows === built.rows && live.checksum === built.checksum;
    comparisons.push({
      table: common.table,
      liveRows: live.rows,
      rebuiltRows: built.rows,
      liveChecksum: live.checksum,
      rebuiltChecksum: built.checksum,
      firstDifference: isEqual ? null : await firstDifference(client, pair, { common, choice }),
    });
  }
  return comparisons;
}

function commonTables({ live, built }: SchemaPair): CommonTable[] {
  return built.models.flatMap((model) => {
    const other = live.models.find(({ table }) => table === model.table);
    return other ? [commonTable(model, other)] : [];
  });
}

function commonTable(model: ReadModel, other: ReadModel): CommonTable {
  const kinds: Readonly<Record<string, { readonly kind: string }>> = other.columns;
  const common = Object.entries<{ readonly kind: string }>(model.columns).filter(
    ([name, { kind }]) => kinds[name]?.kind === kind,
  );
  const keys = ['stream_id', ...(model.item ? [model.item] : [])];
  return { table: model.table, columns: common.map(([name]) => name), keys };
}

const chosen = ({ isExcept }: StreamChoice) =>
  isExcept ? 'stream_id <> ALL($1::uuid[])' : 'stream_id = ANY($1::uuid[])';

function wholeRow({ columns }: CommonTable): string {
  return `ROW(${columns.map(quoted).join(', ')})::text`;
}

async function sideOf(
  client: ClientBase,
  schema: string,
  common: CommonTable,
  choice: StreamChoice,
): Promise<Side> {
  const { rows } = await client.query<Side>(
    `SELECT count(*)::float8 AS rows, coalesce(sum(hashtextextended(${wholeRow(common)}, 0)), 0)::text AS checksum
     FROM ${quoted(schema)}.${quoted(common.table)} WHERE ${chosen(choice)}`,
    [choice.streams],
  );
  return rows[0] ?? { rows: 0, checksum: '0' };
}

async function firstDifference(
  client: ClientBase,
  { live, built }: SchemaPair,
  { common, choice }: { readonly common: CommonTable; readonly choice: StreamChoice },
): Promise<TableComparison['firstDifference']> {
  const keys = common.keys.map(quoted).join(', ');
  const side = (schema: string) =>
    `(SELECT ${keys}, ${wholeRow(common)} AS whole FROM ${quoted(schema)}.${quoted(common.table)}
      WHERE ${chosen(choice)})`;
  const item = common.keys[1] ? `${quoted(common.keys[1])}::text` : `''`;
  const { rows } = await client.query<{ stream_id: string; item: string }>(
    `SELECT stream_id, ${item} AS item FROM ${side(live.schema)} l FULL JOIN ${side(built.schema)} b USING (${keys})
     WHERE l.whole IS DISTINCT FROM b.whole ORDER BY ${keys} LIMIT 1`,
    [choice.streams],
  );
  return rows[0] ?? null;
}
