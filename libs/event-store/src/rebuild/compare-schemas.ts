import { type ReadModel } from '@parley/event-sourcing';
import { type ClientBase } from 'pg';
import { quoted } from '../copy/columns.js';
import { type ReadModels } from '../rows/row-set.js';
import { type TableComparison } from '../rows/rebuild-check.js';
import { firstDifference, wholeRow } from '../rows/table-checksum.js';

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
  readonly model: ReadModel;
  readonly columns: readonly string[];
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
    const from = ({ schema }: ReadModels) =>
      `${quoted(schema)}.${quoted(common.model.table)} WHERE ${chosen(choice)}`;
    const sources = [from(pair.live), from(pair.built)] as const;
    const values = [choice.streams];
    const live = await sideOf(client, sources[0], common, values);
    const built = await sideOf(client, sources[1], common, values);
    const isEqual = live.rows === built.rows && live.checksum === built.checksum;
    comparisons.push({
      table: common.model.table,
      liveRows: live.rows,
      rebuiltRows: built.rows,
      liveChecksum: live.checksum,
      rebuiltChecksum: built.checksum,
      firstDifference: isEqual
        ? null
        : await firstDifference(client, { ...common, sources }, values),
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
  return { model, columns: common.map(([name]) => name) };
}

const chosen = ({ isExcept }: StreamChoice) =>
  isExcept ? 'stream_id <> ALL($1::uuid[])' : 'stream_id = ANY($1::uuid[])';

async function sideOf(
  client: ClientBase,
  source: string,
  { columns }: CommonTable,
  values: unknown[],
): Promise<Side> {
  const { rows } = await client.query<Side>(
    `SELECT count(*)::float8 AS rows, coalesce(sum(hashtextextended(${wholeRow(columns)}, 0)), 0)::text AS checksum
     FROM ${source}`,
    values,
  );
  return rows[0] ?? { rows: 0, checksum: '0' };
}
