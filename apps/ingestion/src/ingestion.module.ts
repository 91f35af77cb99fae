import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { type ReadModelVersion } from '@parley/event-sourcing';
import { type Bus, refuseSilence, type Source } from '@parley/messaging';
import { HealthModule, type Logger, MetricsModule } from '@parley/platform';
import {
  type ControlDatabase,
  Freshness,
  ParkedRecords,
  Partners,
  type TenantDatabases,
  Tenants,
  UnroutableRecords,
} from '@parley/tenancy';
import { CommandsConsumer } from './commands/commands.consumer.js';
import { CommandsService } from './commands/commands.service.js';
import { type ReceiptListener, TenantWriters } from './commands/tenant-writers.js';
import { PartnerTopics } from './partners/partner-topics.js';
import { PartnersConsumer } from './partners/partners.consumer.js';
import { RedriveReader } from './redrive/redrive.reader.js';
import { type LogWorker } from './following/log-worker.js';
import { LogWorkersSchedule } from './following/log-workers.schedule.js';
import { createRelay } from './relay/relay.js';
import { SearchIndexer } from './search/search-indexer.js';
import { FreshnessMetrics } from './freshness/freshness.metrics.js';
import { DrainSchedule } from './parking/drain.schedule.js';
import { DrainService } from './parking/drain.service.js';
import { ParkingLot } from './parking/parking-lot.js';
import { lossReporter } from './parking/report-loss.js';
import { TopicReaders } from './partners/topic-readers.js';
import { LedgerSchedule } from './ledger/ledger.schedule.js';
import { LedgerService } from './ledger/ledger.service.js';

/** Logs are published to the events topic; search indexes are filled from them. */
export type Following = 'relay' | 'search';

/** What ingestion stands on; whoever composes it opens and closes these. */
export interface IngestionParts {
  readonly bus: Bus;
  readonly control: ControlDatabase;
  readonly databases: TenantDatabases;
  readonly logger: Logger;
  /** Told of receipts in this process, so that they need not be read from the ledger. */
  readonly receipts?: ReceiptListener;
  /** How long a tenant's database may be away before the tenant is parked; 500 ms by default. */
  readonly parkAfterMs?: number;
  /** The versions of the read models that it writes; those of this release by default. */
  readonly models?: readonly ReadModelVersion[];
  /** What is done from here with logs, besides writing them; by default all of it. */
  readonly following?: readonly Following[];
  /** Called when consuming has died: the process must end with a non-zero code. */
  readonly onFailure: (error: Error) => void;
}

/** The only writer of log and read models: commands in from the bus, one transaction per tenant and chunk. */
@Module({})
export class IngestionModule {
  static register(parts: IngestionParts): DynamicModule {
    const { bus, control, databases, logger, onFailure } = parts;
    const workers = logWorkers(parts);
    const writers = tenantWriters(parts, listeners(...workers, parts.receipts));
    const commands = new CommandsService({
      ...{ writers, parking: new ParkingLot(new ParkedRecords(control)) },
      unroutable: new UnroutableRecords(control),
      ...{ logger, onFailure },
    });
    return {
      module: IngestionModule,
      imports: [
        ScheduleModule.forRoot(),
        MetricsModule,
        HealthModule.register(
          {
            bus: () => bus.ping(),
            database: () => control.ping(),
            read_models: async () => writers.check(),
          },
          { consuming: () => refuseSilence(bus) },
        ),
      ],
      controllers: [CommandsConsumer],
      providers: [
        { provide: CommandsService, useValue: commands },
        {
          provide: LedgerService,
          useFactory: () => new LedgerService(new Tenants(control), databases, logger),
        },
        LedgerSchedule,
        ...reading(parts, { commands, writers, readers: new TopicReaders(parts) }),
        { provide: LogWorkersSchedule, useFactory: () => new LogWorkersSchedule(workers) },
        { provide: FreshnessMetrics, useFactory: () => freshnessMetrics(parts) },
      ],
    };
  }
}

function logWorkers({ bus, control, databases, logger, following }: IngestionParts): LogWorker[] {
  const parts = { tenants: new Tenants(control), databases, logger };
  const workers: Readonly<Record<Following, () => LogWorker>> = {
    relay: () => createRelay({ ...parts, bus }),
    search: () => new SearchIndexer(parts),
  };
  return (following ?? (['relay', 'search'] as const)).map((name) => workers[name]());
}

function listeners(...all: readonly (ReceiptListener | undefined)[]): ReceiptListener {
  return { post: (tenant, receipts) => all.forEach((one) => one?.post(tenant, receipts)) };
}

function tenantWriters(
  { bus, databases, logger, models, parkAfterMs }: IngestionParts,
  receipts: ReceiptListener,
): TenantWriters {
  const currentEnd = async ({ topic, partition }: Source) =>
    (await bus.ends(topic)).find((end) => end.partition === partition)?.highWater ?? 0;
  return new TenantWriters({ databases, currentEnd, logger, receipts, models, parkAfterMs });
}

interface Work {
  readonly commands: CommandsService;
  readonly readers: TopicReaders;
  readonly writers: TenantWriters;
}

/** How records are read: those of partners, those that are tried again, those that were passed over. */
function reading(parts: IngestionParts, work: Work): Provider[] {
  return [
    { provide: RedriveReader, useValue: work.readers.redrive },
    { provide: PartnersConsumer, useFactory: () => partnersConsumer(parts, work) },
    { provide: DrainService, useFactory: () => drainService(parts, work) },
    DrainSchedule,
  ];
}

function partnersConsumer(
  { bus, control, databases, logger, onFailure }: IngestionParts,
  { commands, readers: { policies } }: Work,
): PartnersConsumer {
  return new PartnersConsumer({
    ...{ bus, commands, logger, onFailure, policies },
    partners: new Partners(control),
    topics: new PartnerTopics({ bus, databases, logger }),
  });
}

function freshnessMetrics(parts: IngestionParts): FreshnessMetrics {
  const { control, databases, logger } = parts;
  return new FreshnessMetrics({
    freshness: new Freshness({ ...parts, pool: (tenant) => databases.pool(tenant, 'app') }),
    ...{ tenants: new Tenants(control), logger },
  });
}

function drainService(
  { bus, control, databases, logger }: IngestionParts,
  { commands, readers, writers }: Work,
): DrainService {
  return new DrainService({
    ...{ bus, commands, control, databases, logger, writers },
    parked: new ParkedRecords(control),
    reportLoss: lossReporter(databases, logger),
    readerOf: (source) => readers.of(source),
  });
}
