import { type ReadModelVersion } from '@parley/event-sourcing';
import { type ClientBase } from 'pg';
import { tableChecksum } from '../rows/table-checksum.js';
import { quoted } from '../copy/columns.js';
import { type Manifest } from './manifest.js';

/** The rows and checksum of every read model in a schema, in the snapshot or transaction that `client` is in. */
export async function readModelSums(
  client: ClientBase,
  schema: string,
  { models }: Pick<ReadModelVersion, 'models'>,
): Promise<Manifest['read_models']['tables']> {
  const sums = [];
  for (const model of models) {
    const table = `${quoted(schema)}.${quoted(model.table)}`;
    sums.push({ table: model.table, ...(await tableChecksum(client, table, model)) });
  }
  return sums;
}
