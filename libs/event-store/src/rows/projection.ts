import { type Recorded } from '@parley/event-sourcing';
import { type ClientBase } from 'pg';
import { BatchedReads } from '../copy/batched-reads.js';
import { sendCopies } from '../copy/copy-table.js';
import { UnknownEventError } from '../errors.js';
import { type StoredEvent } from '../log/log-reader.js';
import { type ReadModels, RowSet } from './row-set.js';

/** Throws `UnknownEventError` for the first event of a type that is not among `types`: skipped, it would never be missed. */
export function refuseUnknown(events: readonly StoredEvent[], types: readonly string[]): void {
  const unknown = events.find(({ event }) => !types.includes(event.type));
  if (unknown) throw new UnknownEventError(unknown.position, unknown.event.type);
}

/** Changes the rows of a schema by these events, which follow on what it was built to. */
export async function projectEvents(
  client: ClientBase,
  readModels: ReadModels,
  events: readonly Recorded[],
): Promise<void> {
  const rows = new RowSet(client, new BatchedReads(client), readModels);
  await rows.loadTouched(events);
  for (const event of events) rows.apply(event);
  await sendCopies(client, await rows.flush());
}
