import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { type ReadModelVersion } from '@parley/event-sourcing';
import { type Bus, type Source } from '@parley/messaging';
import { HealthModule, type Logger, MetricsModule } from '@parley/platform';
import { RedactionPolicies } from '@parley/redaction';
import {
  type ControlDatabase,
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
import { Relay } from './relay/relay.js';
import { RelaySchedule } from './relay/relay.schedule.js';
import { LedgerSchedule } from './ledger/ledger.schedule.js';
import { LedgerService } from './ledger/ledger.service.js';

/** What ingestion stands on; whoever composes it opens and closes these. */
export interface IngestionParts {
  readonly bus: Bus;
  readonly control: ControlDatabase;
  readonly databases: TenantDatabases;
  readonly logger: Logger;
  /** Told of receipts in this process, so that they need not be read from the ledger. */
  readonly receipts?: ReceiptListener;
  /** The versions of the read models that it writes; those of this release by default. */
  readonly models?: readonly ReadModelVersion[];
  /** Called when consuming has died: the process must end with a non-zero code. */
  readonly onFailure: (error: Error) => void;
}

/** The only writer of log and read models: commands in from the bus, one transaction per tenant and chunk. */
@Module({})
export class IngestionModule {
  static register(parts: IngestionParts): DynamicModule {
    const { bus, control, databases, logger, models, onFailure } = parts;
    const relay = new Relay({ bus, databases, logger, tenants: new Tenants(control) });
    const receipts = listeners(relay, parts.receipts);
    const currentEnd = async ({ topic, partition }: Source) =>
      (await bus.ends(topic)).find((end) => end.partition === partition)?.highWater ?? 0;
    const writers = new TenantWriters({ databases, currentEnd, logger, receipts, models });
    const commands = new CommandsService({
      writers,
      unroutable: new UnroutableRecords(control),
      ...{ logger, onFailure },
    });
    return {
      module: IngestionModule,
      imports: [
        ScheduleModule.forRoot(),
        MetricsModule,
        HealthModule.register({
          bus: () => bus.ping(),
          database: () => control.ping(),
          read_models: async () => writers.check(),
        }),
      ],
      controllers: [CommandsConsumer],
      providers: [
        { provide: CommandsService, useValue: commands },
        {
          provide: LedgerService,
          useFactory: () => new LedgerService(new Tenants(control), databases, logger),
        },
        LedgerSchedule,
        { provide: PartnersConsumer, useFactory: () => partnersConsumer(parts, commands) },
        { provide: Relay, useValue: relay },
        RelaySchedule,
      ],
    };
  }
}

function listeners(...all: readonly (ReceiptListener | undefined)[]): ReceiptListener {
  return { post: (tenant, receipts) => all.forEach((one) => one?.post(tenant, receipts)) };
}

function partnersConsumer(parts: IngestionParts, commands: CommandsService): PartnersConsumer {
  const { bus, control, databases, logger, onFailure } = parts;
  return new PartnersConsumer({
    ...{ bus, commands, logger, onFailure },
    partners: new Partners(control),
    policies: new RedactionPolicies((tenant) => databases.pool(tenant, 'app')),
    topics: new PartnerTopics({ bus, databases, logger }),
  });
}
