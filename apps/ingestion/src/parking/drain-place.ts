import { readOffsets } from '@parley/event-store';
import { type Bus, type Source, UnknownTopicError } from '@parley/messaging';
import { type Parked, type ParkedRecords, type TenantDatabases } from '@parley/tenancy';
import { type CommandsService } from '../commands/commands.service.js';
import { MERGED_BYTES, type RecordReader } from '../commands/record-reader.js';
import { Closing } from './closing.js';
import { type LossReporter } from './report-loss.js';

/** What draining stands on; `readerOf` answers how the records of a topic are read. */
export interface DrainParts {
  readonly bus: Bus;
  readonly parked: ParkedRecords;
  readonly databases: TenantDatabases;
  readonly commands: CommandsService;
  readonly reportLoss: LossReporter;
  readonly readerOf: (source: Source) => Promise<RecordReader>;
}

/**
 * Applies what was passed over at one place, from the bus and in its order, and ends its parking.
 *
 * It begins at the tenant's applied offset and leaves nothing out, so it can't make a gap; every transaction moves that
 * offset by compare-and-set. So it may run twice, beside consumers that have not heard of the parking, or of its end,
 * and be killed anywhere: whoever comes next begins where it was.
 */
export async function drainPlace(
  parts: DrainParts,
  place: Parked,
  signal: AbortSignal,
): Promise<void> {
  const { bus, parked, commands } = parts;
  const { source, tenant } = place;
  const closing = new Closing(parked, place);
  const from = await whereToBegin(parts, place);
  if (await closing.isOver(from)) return;
  const reader = await parts.readerOf(source);
  const over = new AbortController();
  const range = { ...source, from, to: Infinity, isFollowed: true, maxBytes: MERGED_BYTES };
  const reading = bus.readRange(
    range,
    async (records) => {
      const next = (records.at(-1)?.offset ?? from) + 1;
      await commands.catchUp({ source, highWater: next, records }, reader, tenant);
      if (await closing.isOver(next)) over.abort();
    },
    AbortSignal.any([signal, over.signal]),
  );
  await reading.catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
}

/** The first offset that may not be applied yet; what the bus no longer has of the records from there on is reported. */
async function whereToBegin(parts: DrainParts, place: Parked): Promise<number> {
  const { source, tenant } = place;
  const offsets = await readOffsets(await parts.databases.pool(tenant, 'app'), source);
  const from = Math.max(place.from, offsets.get(source.partition) ?? 0);
  const start = await logStart(parts.bus, source);
  const lost = { from, to: Math.min(start, place.to) };
  if (lost.to <= lost.from) return from;
  await parts.reportLoss(place, lost);
  await parts.parked.giveUp(place, lost.to);
  return lost.to;
}

/** Nothing is left of a topic that is gone, or was made anew. */
async function logStart(bus: Bus, { topic, partition, incarnation }: Source): Promise<number> {
  try {
    if ((await bus.incarnation(topic)) !== incarnation) return Infinity;
  } catch (error) {
    if (error instanceof UnknownTopicError) return Infinity;
    throw error;
  }
  return (await bus.ends(topic)).find((end) => end.partition === partition)?.logStart ?? Infinity;
}
