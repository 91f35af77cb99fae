import { type ReadModelVersion } from '@parley/event-sourcing';
import { type ClientBase, type Pool } from 'pg';
import { withTransaction } from '../event-store.js';
import {
  isReadable,
  readDeletedStreams,
  readFrom,
  readHead,
  type StoredEvent,
} from '../log/log-reader.js';
import { projectEvents, refuseUnknown } from '../rows/projection.js';
import { builtTo } from './schema-registry.js';

/** A schema that is brought up to the log, and what its version derives. */
export interface Target {
  readonly name: string;
  readonly version: ReadModelVersion;
}

/** Events of one transaction. */
const BATCH = 2000;

/**
 * Applies the log to a schema, up to the end that it has at the beginning; answers the position. Each batch is a transaction of
 * its own that moves `built_to` along, so that it can be ended at any moment and goes on where it was.
 */
export async function fill(pool: Pool, target: Target, signal?: AbortSignal): Promise<number> {
  const goal = await readHead(pool);
  let position = await builtTo(pool, target.name);
  const ahead = (from: number) => (from < goal ? readAhead(pool, from) : Promise.resolve([]));
  let next = ahead(position);
  while (position < goal) {
    signal?.throwIfAborted();
    const events = await next;
    const last = events.at(-1)?.position;
    if (last === undefined) throw new Error(`the log ends before position ${goal}`);
    // PostgreSQL writes one batch while the next one is decoded.
    next = ahead(last);
    await applyAlone(pool, target, { from: position, events });
    position = last;
  }
  return position;
}

function readAhead(pool: Pool, position: number): Promise<StoredEvent[]> {
  const events = readFrom(pool, position, BATCH);
  // Whether anybody still waits for it or not.
  events.catch(() => undefined);
  return events;
}

async function applyAlone(pool: Pool, target: Target, batch: Batch): Promise<void> {
  const begin = 'BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL jit = off';
  await withTransaction(pool, begin, (client) => applyBatch(client, target, batch));
}

/** Applies what has come since, however much, within a transaction that has the log lock. */
export async function fillUnderLock(client: ClientBase, target: Target): Promise<void> {
  for (;;) {
    const from = await builtTo(client, target.name);
    const events = await readFrom(client, from, BATCH);
    if (events.length === 0) return;
    await applyBatch(client, target, { from, events });
  }
}

/** A part of the log as it was read: the events after a position. */
interface Batch {
  readonly from: number;
  readonly events: readonly StoredEvent[];
}

async function applyBatch(
  client: ClientBase,
  { name, version }: Target,
  { from, events }: Batch,
): Promise<void> {
  refuseUnknown(events, version.events);
  // First, because a deletion waits for this row, to erase afterwards what the batch has written of its stream.
  const { rowCount } = await client.query(
    'UPDATE read_model_schemas SET built_to = $3 WHERE name = $1 AND built_to = $2',
    [name, from, events.at(-1)?.position],
  );
  if (rowCount !== 1) throw new Error(`somebody else has changed the read models ${name}`);
  // What was read may have been erased since, and must not come back.
  const deleted = await readDeletedStreams(
    client,
    events.map(({ streamId }) => streamId),
  );
  const kept = events.filter(
    ({ streamId, event }) => !deleted.has(streamId) || event.type === 'ConversationDeleted',
  );
  await projectEvents(client, { models: version.models, schema: name }, kept.filter(isReadable));
}
