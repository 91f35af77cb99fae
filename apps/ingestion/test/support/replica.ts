import { INGESTION_GROUP } from '@parley/contracts';
import { type DeliveredRecord, type RecordRange, type Source } from '@parley/messaging';
import { createLogger } from '@parley/platform';
import { type Parked, ParkedRecords, UnroutableRecords } from '@parley/tenancy';
import { CommandsService } from '../../src/commands/commands.service.js';
import { commandReader } from '../../src/commands/record-reader.js';
import { TenantWriters } from '../../src/commands/tenant-writers.js';
import { DatabaseAwayError } from '../../src/parking/availability.js';
import { type DrainParts, drainPlace } from '../../src/parking/drain-place.js';
import { DrainService } from '../../src/parking/drain.service.js';
import { ParkingLot } from '../../src/parking/parking-lot.js';
import { lossReporter } from '../../src/parking/report-loss.js';
import { TopicReaders } from '../../src/partners/topic-readers.js';
import { type TestInstallation } from './tenant-under-test.js';

/** A line of the log. */
export interface Line {
  readonly level: string;
  readonly msg: string;
  readonly tenant?: string;
  readonly code?: string;
}

const PARK_AFTER_MS = 200;
const TRIES = 20;

/** One ingestion process without its consumptions: the spec decides what it is handed, and when. */
export class Replica {
  readonly lines: Line[] = [];
  readonly parked: ParkedRecords;
  readonly drains: DrainService;
  private readonly service: CommandsService;
  private readonly parts: DrainParts;
  private worker: Source;

  private constructor(
    private readonly installation: TestInstallation,
    source: Source,
    parked = new ParkedRecords(installation.control),
  ) {
    const { bus, control, databases } = installation;
    const write = (line: string) => void this.lines.push(JSON.parse(line) as Line);
    const logger = createLogger({ service: 'test', destination: { write } });
    const currentEnd = async () => Number.MAX_SAFE_INTEGER;
    const writers = new TenantWriters({
      ...{ databases, currentEnd, logger, parkAfterMs: PARK_AFTER_MS },
    });
    const onFailure = (error: Error) => {
      throw error;
    };
    this.service = new CommandsService({
      ...{ writers, logger, onFailure, parking: new ParkingLot(parked) },
      unroutable: new UnroutableRecords(control),
    });
    this.parked = new ParkedRecords(control);
    const readers = new TopicReaders(installation);
    this.parts = {
      ...{ bus, databases, parked: this.parked, commands: this.service },
      reportLoss: lossReporter(databases, logger),
      readerOf: (of) => readers.of(of),
    };
    this.drains = new DrainService({ ...this.parts, control, writers, logger });
    this.worker = source;
  }

  /** A process that consumes one partition of a topic; `parked` is what it takes for the rows. */
  static async start(
    installation: TestInstallation,
    topic: string,
    parked?: ParkedRecords,
    partition = 0,
  ): Promise<Replica> {
    const { bus } = installation;
    const incarnation = await bus.incarnation(topic);
    const source = { bus: bus.id, incarnation, group: INGESTION_GROUP, topic, partition };
    return new Replica(installation, source, parked);
  }

  get source(): Source {
    return this.worker;
  }

  /** The partition was somebody else's meanwhile. */
  reassign(): void {
    this.worker = { ...this.worker };
  }

  /** Is delivered these offsets as one chunk. */
  async take(from: number, to: number): Promise<void> {
    const records: DeliveredRecord[] = [];
    const range: RecordRange = { ...this.worker, from, to };
    await this.installation.bus.readRange(range, async (some) => void records.push(...some));
    const chunk = { source: this.worker, highWater: to, records };
    await this.service.apply(chunk, commandReader('interactive'));
  }

  /** Catches up with all that is parked on its partition; `broken` replaces parts that are to fail. */
  async drain(broken: Partial<DrainParts> = {}): Promise<void> {
    const { topic } = this.worker;
    const places = await this.parked.list(this.worker.bus);
    for (const place of places.filter(({ source }) => source.topic === topic))
      await this.drainPlace({ ...this.parts, ...broken }, place);
  }

  /** As often as the schedule would: a busy machine may be silent for long. */
  private async drainPlace(parts: DrainParts, place: Parked): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await drainPlace(parts, place, AbortSignal.timeout(20_000));
      } catch (error) {
        if (!(error instanceof DatabaseAwayError) || tries === TRIES) throw error;
      }
    }
  }
}
