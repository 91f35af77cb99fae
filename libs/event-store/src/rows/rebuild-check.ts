import { type ClientBase, type Pool } from 'pg';
import { type ReadModel, type ReadModelVersion } from '@parley/event-sourcing';
import { quoted } from '../copy/columns.js';
import { withClient } from '../event-store.js';
import { isReadable, readFrom, readHead } from '../log/log-reader.js';
import { readActiveSchema, versionOf } from './active-schema.js';
import { tableStatements } from './read-model-schema.js';
import { projectEvents, refuseUnknown } from './projection.js';
import { firstDifference, type FoundKey, tableChecksum } from './table-checksum.js';

/** One read model, as it is and as the log says it has to be. Checksums are SHA-256 over all rows in key order. */
export interface TableComparison {
  readonly table: string;
  readonly liveRows: number;
  readonly rebuiltRows: number;
  readonly liveChecksum: string;
  readonly rebuiltChecksum: string;
  /** The key of the first row that differs or is on one side only; null where the two are equal. */
  readonly firstDifference: FoundKey | null;
}

const BATCH = 1000;
const SCRATCH = 'pg_temp';

/**
 * Builds every read model anew from the log, through the code that writes the live ones, and compares row by row.
 *
 * Takes no lock: log and read models change in one transaction, so one REPEATABLE READ snapshot holds both as of the
 * same head. The copies are temporary tables of this session and go with it. Events whose payload was erased are passed
 * over. A long check holds back vacuum for as long as it runs. Throws `UnknownReadModelsError` and `UnknownEventError`.
 */
export async function rebuildCheck(
  pool: Pool,
  versions: readonly ReadModelVersion[],
): Promise<TableComparison[]> {
  return withClient(pool, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const schema = await readActiveSchema(client);
    const version = versionOf(versions, schema);
    const { models } = version;
    for (const model of models)
      for (const sql of tableStatements(scratch(model), model, true)) await client.query(sql);
    await rebuild(client, version);
    const comparisons: TableComparison[] = [];
    for (const model of models) comparisons.push(await compare(client, model, schema.name));
    await client.query('ROLLBACK');
    return comparisons;
  });
}

async function rebuild(
  client: ClientBase,
  { models, events }: Pick<ReadModelVersion, 'models' | 'events'>,
): Promise<void> {
  await client.query('SET LOCAL enable_seqscan = off; SET LOCAL jit = off');
  const head = await readHead(client);
  let position = 0;
  while (position < head) {
    const batch = await readFrom(client, position, BATCH);
    position = batch.at(-1)?.position ?? head;
    refuseUnknown(batch, events);
    await projectEvents(client, { models, schema: SCRATCH }, batch.filter(isReadable));
  }
  await client.query('RESET enable_seqscan');
}

async function compare(
  client: ClientBase,
  model: ReadModel,
  schema: string,
): Promise<TableComparison> {
  const live = `${quoted(schema)}.${quoted(model.table)}`;
  const liveSide = await tableChecksum(client, live, model);
  const rebuiltSide = await tableChecksum(client, scratch(model), model);
  return {
    table: model.table,
    liveRows: liveSide.rows,
    rebuiltRows: rebuiltSide.rows,
    liveChecksum: liveSide.checksum,
    rebuiltChecksum: rebuiltSide.checksum,
    firstDifference:
      liveSide.checksum === rebuiltSide.checksum
        ? null
        : await firstDifference(client, {
            ...{ sources: [live, scratch(model)], model },
            columns: Object.keys(model.columns),
          }),
  };
}

function scratch(model: ReadModel): string {
  return `${SCRATCH}.${quoted(model.table)}`;
}
