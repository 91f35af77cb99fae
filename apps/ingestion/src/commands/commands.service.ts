import { setImmediate } from 'node:timers/promises';
import { IntrinsicException } from '@nestjs/common';
import { type Chunk, type DeliveredRecord, type Source } from '@parley/messaging';
import { type Logger, type Warn, warnSeldom } from '@parley/platform';
import { type UnroutableRecords } from '@parley/tenancy';
import { DatabaseAwayError } from '../parking/availability.js';
import { type ParkingLot } from '../parking/parking-lot.js';
import { OffsetsAheadError } from './applied-offsets.js';
import { type Delivery, INTERNAL_ERROR, type PreparedRecord } from './prepared-record.js';
import { type Prepare, type Reading, type RecordReader } from './record-reader.js';
import { type TenantWriters } from './tenant-writers.js';

/** What the service stands on; `onFailure` ends the process. */
export interface CommandsServiceParts {
  readonly writers: TenantWriters;
  readonly parking: ParkingLot;
  readonly unroutable: UnroutableRecords;
  readonly logger: Logger;
  readonly onFailure: (error: Error) => void;
}

/** What a chunk holds for one tenant. */
interface Part {
  readonly chunk: Chunk;
  readonly reader: RecordReader;
  readonly tenant: string | null;
  readonly records: readonly DeliveredRecord[];
}

type PartOfTenant = Part & { readonly tenant: string };
type Read = (records: readonly DeliveredRecord[]) => Promise<Reading>;

// About a millisecond's work.
const PREPARED_AT_ONCE = 50;

/** Takes chunks apart by tenant, and each tenant's part to its writer. */
export class CommandsService {
  private readonly warn: Warn;

  constructor(private readonly parts: CommandsServiceParts) {
    this.warn = warnSeldom(parts.logger);
  }

  /**
   * Resolves when every record of the chunk has had its effect, is a dead letter, or belongs to a tenant that is parked.
   * Rejects, after all have been tried, where something that they need is away: the chunk is to be tried again until it
   * is back.
   */
  async apply(chunk: Chunk, reader: RecordReader): Promise<void> {
    const { source } = chunk;
    await this.enter(chunk);
    const byTenant = Map.groupBy(chunk.records, (record) => reader.tenantOf(record, source));
    const outcomes = await Promise.allSettled(
      Array.from(byTenant, ([tenant, records]) =>
        this.applyPart({ chunk, reader, tenant, records }),
      ),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw hasToWait(failed.reason);
    this.parts.parking.leave(chunk);
  }

  /** Applies the records of one tenant that were passed over when the chunk came for the first time. */
  async catchUp(chunk: Chunk, reader: RecordReader, tenant: string): Promise<void> {
    const { source } = chunk;
    const { writers } = this.parts;
    const records = chunk.records.filter((record) => reader.tenantOf(record, source) === tenant);
    const read: Read = (left) =>
      writers.availability(tenant).once(() => reader.prepareFor(tenant, left));
    for await (const delivery of this.deliveries({ chunk, reader, tenant, records }, read))
      await writers.catchUp(tenant, delivery);
  }

  private async enter(chunk: Chunk): Promise<void> {
    try {
      await this.parts.parking.enter(chunk);
    } catch (error) {
      this.report(error, null);
      throw hasToWait(error);
    }
  }

  private async applyPart({ tenant, ...part }: Part): Promise<void> {
    let known: string | null = null;
    try {
      if (tenant === null || !(await this.isKnown(tenant)))
        return await this.parts.unroutable.keep(part.chunk.source, part.records, 'unknown_tenant');
      known = tenant;
      await this.writeOrPark({ ...part, tenant });
    } catch (error) {
      this.report(error, known);
      throw error;
    }
  }

  private async writeOrPark(part: PartOfTenant): Promise<void> {
    const { parking, writers } = this.parts;
    const { tenant, records, reader, chunk } = part;
    const place = { tenant, source: chunk.source };
    if (await parking.passOver(place, records)) return;
    try {
      // Reading may need the tenant's settings, and so its database.
      const read: Read = (left) =>
        writers.availability(tenant).persist(() => reader.prepareFor(tenant, left));
      for await (const delivery of this.deliveries(part, read))
        await writers.write(tenant, reader.lane, delivery);
    } catch (error) {
      if (!(error instanceof DatabaseAwayError)) throw error;
      await parking.park(place, records);
      this.warn({ err: error, tenant }, 'a tenant is parked: its database is away');
    }
  }

  /** Nothing more is read before what was is written. */
  private async *deliveries(part: PartOfTenant, read: Read): AsyncGenerator<Delivery> {
    const { source, highWater } = part.chunk;
    for (let left = part.records; left.length > 0;) {
      const { prepare, count } = await read(left);
      const guarded = this.guarded(prepare, part.reader, source);
      yield { source, highWater, records: await prepareAll(left.slice(0, count), guarded) };
      left = left.slice(count);
    }
  }

  private async isKnown(tenant: string): Promise<boolean> {
    try {
      await this.parts.writers.open(tenant);
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === 'tenant/unknown') return false;
      throw error;
    }
  }

  /** What fails by our own fault must stop nobody else. */
  private guarded(prepare: Prepare, reader: RecordReader, source: Source) {
    return (record: DeliveredRecord): PreparedRecord => {
      try {
        return prepare(record, source);
      } catch (error) {
        const { topic, partition } = source;
        const place = { topic, partition, offset: record.offset };
        this.parts.logger.error(
          { err: error, ...place },
          'a record can’t be read by our own fault',
        );
        return reader.giveUp(record, INTERNAL_ERROR);
      }
    };
  }

  private report(error: unknown, tenant: string | null): void {
    if (error instanceof OffsetsAheadError) this.parts.onFailure(error);
    this.warn({ err: error, tenant }, 'records wait: what they need is away');
  }
}

/** The transaction under way goes first: what it sends and what the database answers come between the slices. */
async function prepareAll(
  records: readonly DeliveredRecord[],
  prepare: (record: DeliveredRecord) => PreparedRecord,
): Promise<PreparedRecord[]> {
  const prepared: PreparedRecord[] = [];
  for (let from = 0; from < records.length; from += PREPARED_AT_ONCE) {
    if (records.length > PREPARED_AT_ONCE) await setImmediate();
    prepared.push(...records.slice(from, from + PREPARED_AT_ONCE).map(prepare));
  }
  return prepared;
}

/** Nest logs every other exception with every try. */
function hasToWait(cause: unknown): IntrinsicException {
  return new IntrinsicException('a chunk has to wait', { cause });
}
