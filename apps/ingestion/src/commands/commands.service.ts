import { setImmediate } from 'node:timers/promises';
import { IntrinsicException } from '@nestjs/common';
import { type Chunk, type DeliveredRecord, type Source } from '@parley/messaging';
import { type Logger } from '@parley/platform';
import { type UnroutableRecords } from '@parley/tenancy';
import { OffsetsAheadError } from './applied-offsets.js';
import { INTERNAL_ERROR, type PreparedRecord } from './prepared-record.js';
import { type Prepare, type RecordReader } from './record-reader.js';
import { type TenantWriters } from './tenant-writers.js';

/** What the service stands on; `onFailure` ends the process. */
export interface CommandsServiceParts {
  readonly writers: TenantWriters;
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

// About a millisecond's work.
const PREPARED_AT_ONCE = 50;
const WARN_EVERY_MS = 60_000;

/** Takes chunks apart by tenant, and each tenant's part to its writer. */
export class CommandsService {
  private readonly quietUntil = new Map<string, number>();

  constructor(private readonly parts: CommandsServiceParts) {}

  /**
   * Resolves when every record of the chunk has had its effect, or is a dead letter. Rejects, after all have been
   * tried, where something that they need is away: the chunk is to be tried again until it is back.
   */
  async apply(chunk: Chunk, reader: RecordReader): Promise<void> {
    const { source } = chunk;
    const byTenant = Map.groupBy(chunk.records, (record) => reader.tenantOf(record, source));
    const outcomes = await Promise.allSettled(
      Array.from(byTenant, ([tenant, records]) =>
        this.applyPart({ chunk, reader, tenant, records }),
      ),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    // Nest logs every other exception with every try.
    if (failed) throw new IntrinsicException('a chunk has to wait', { cause: failed.reason });
  }

  private async applyPart({ chunk, reader, tenant, records }: Part): Promise<void> {
    const { source, highWater } = chunk;
    let known: string | null = null;
    try {
      if (tenant === null || !(await this.isKnown(tenant)))
        return await this.parts.unroutable.keep(source, records, 'unknown_tenant');
      known = tenant;
      const prepare = await reader.prepareFor(tenant);
      const prepareOne = this.guarded(prepare, reader, source);
      const prepared = await prepareAll(records, prepareOne);
      await this.parts.writers.write(tenant, reader.lane, { source, highWater, records: prepared });
    } catch (error) {
      this.report(error, known);
      throw error;
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

  /** Once a minute is enough for what is tried again and again. */
  private report(error: unknown, tenant: string | null): void {
    if (error instanceof OffsetsAheadError) this.parts.onFailure(error);
    const now = performance.now();
    if (now < (this.quietUntil.get(tenant ?? '') ?? 0)) return;
    this.quietUntil.set(tenant ?? '', now + WARN_EVERY_MS);
    this.parts.logger.warn({ err: error, tenant }, 'records wait: what they need is away');
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
