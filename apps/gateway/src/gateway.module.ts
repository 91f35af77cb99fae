import {
  type DynamicModule,
  type FactoryProvider,
  Global,
  Module,
  type ValueProvider,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { readModels } from '@parley/domain';
import { ActiveReads, readHead } from '@parley/event-store';
import { deriveKey, HealthModule, MetricsModule } from '@parley/platform';
import { RedactionPolicies } from '@parley/redaction';
import { Credentials, Freshness, TenantDatabases } from '@parley/tenancy';
import { PartnerDocsController } from './asyncapi/partner-docs.controller.js';
import { AccessGuard } from './auth/access.guard.js';
import { ConversationLists } from './conversations/conversation-lists.service.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { ConversationQueries } from './conversations/conversations.queries.js';
import { SearchService } from './conversations/search.service.js';
import { ConversationsController } from './conversations/conversations.controller.js';
import { Cursors } from './conversations/cursors.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { DeadLettersService } from './dead-letters/dead-letters.service.js';
import { EventsController } from './events/events.controller.js';
import { EventQueries } from './events/events.queries.js';
import { EventsService } from './events/events.service.js';
import { ProblemFilter } from './errors/problem.filter.js';
import { type GatewayParts } from './gateway-parts.js';
import { FreshnessController } from './freshness/freshness.controller.js';
import { FreshnessService } from './freshness/freshness.service.js';
import { HistoryController } from './history/history.controller.js';
import { HistoryQueries } from './history/history.queries.js';
import { HistoryService } from './history/history.service.js';
import { KeysService } from './keys/keys.service.js';
import { KeysController } from './keys/keys.controller.js';
import { KeyLimits } from './limits/key-limits.js';
import { MessagesController } from './messages/messages.controller.js';
import { ReceiptWaiter } from './receipts/receipt-waiter.js';
import { Receipts } from './receipts/receipts.service.js';
import { ReceiptsController } from './receipts/receipts.controller.js';
import { HeadWatch } from './reading/head-watch.js';
import { readEpoch } from './reading/log-epoch.js';
import { ReadAfterGate } from './reading/read-after.js';
import { ReadAfterInterceptor } from './reading/read-after.interceptor.js';
import { ReadAfterTokens } from './reading/read-after-tokens.js';
import { ReconciliationController } from './reconciliation/reconciliation.controller.js';
import { ReconciliationQueries } from './reconciliation/reconciliation.queries.js';
import { ReconciliationService } from './reconciliation/reconciliation.service.js';
import { RedactionController } from './redaction/redaction.controller.js';
import { RedactionService } from './redaction/redaction.service.js';
import { writing } from './uploads/uploads.providers.js';

const HEAD_PACE = { firstMs: 5, lastMs: 50 };

const CONTROLLERS = [
  ConversationsController,
  DeadLettersController,
  EventsController,
  FreshnessController,
  HistoryController,
  MessagesController,
  PartnerDocsController,
  ReceiptsController,
  KeysController,
  ReconciliationController,
  RedactionController,
];

const SERVICES = [
  ConversationLists,
  ConversationQueries,
  ConversationsService,
  EventQueries,
  EventsService,
  FreshnessService,
  HistoryQueries,
  HistoryService,
  Receipts,
  KeysService,
  ReconciliationQueries,
  RedactionService,
];

/** The gateway's controllers, and what they stand on. */
@Global()
@Module({})
export class GatewayModule {
  static register(parts: GatewayParts): DynamicModule {
    const reads = new ActiveReads(parts.models ?? readModels);
    return {
      module: GatewayModule,
      imports: [
        MetricsModule,
        HealthModule.register({
          bus: () => parts.bus.ping(),
          database: () => parts.control.ping(),
          read_models: () => reads.check(),
        }),
      ],
      controllers: CONTROLLERS,
      providers: [
        ...given(parts),
        ...writing(parts),
        ...reading(parts),
        { provide: ActiveReads, useValue: reads },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_INTERCEPTOR, useClass: ReadAfterInterceptor },
        ...SERVICES,
      ],
    };
  }
}

function given(parts: GatewayParts): (ValueProvider | FactoryProvider)[] {
  const { config, databases, logger, secret } = parts;
  return [
    { provide: Credentials, useValue: parts.credentials },
    { provide: TenantDatabases, useValue: databases },
    {
      provide: DeadLettersService,
      useFactory: (cursors: Cursors) => new DeadLettersService(databases, parts.bus, cursors),
      inject: [Cursors],
    },
    {
      provide: Freshness,
      useFactory: () =>
        new Freshness({ ...parts, pool: (tenant) => databases.pool(tenant, 'reader') }),
    },
    {
      provide: RedactionPolicies,
      useFactory: () => new RedactionPolicies((tenant) => databases.pool(tenant, 'reader')),
    },
    { provide: KeyLimits, useFactory: () => new KeyLimits(config) },
    { provide: Cursors, useFactory: () => new Cursors(deriveKey(secret, 'gateway-cursors')) },
    { provide: APP_FILTER, useFactory: () => new ProblemFilter(logger) },
  ];
}

function reading({ config, databases, logger, secret }: GatewayParts): FactoryProvider[] {
  const readHeadOf = async (tenant: string) => readHead(await databases.pool(tenant, 'reader'));
  return [
    {
      provide: ReadAfterTokens,
      useFactory: () =>
        new ReadAfterTokens(deriveKey(secret, 'gateway-read-after'), async (tenant) =>
          readEpoch(await databases.pool(tenant, 'reader')),
        ),
    },
    {
      provide: HeadWatch,
      useFactory: () =>
        new HeadWatch(readHeadOf, HEAD_PACE, (error) => {
          logger.warn({ err: error }, 'the head of a log cannot be read');
        }),
    },
    {
      provide: SearchService,
      useFactory: () =>
        new SearchService(databases, (error) => {
          logger.warn({ err: error }, 'how far search indexes are cannot be read');
        }),
    },
    {
      provide: ReadAfterGate,
      useFactory: (tokens: ReadAfterTokens, heads: HeadWatch, waiter: ReceiptWaiter) =>
        new ReadAfterGate({ tokens, heads, waiter, config }),
      inject: [ReadAfterTokens, HeadWatch, ReceiptWaiter],
    },
    {
      provide: ReconciliationService,
      useFactory: (queries: ReconciliationQueries) =>
        new ReconciliationService(queries, config.REQUEST_TIMEOUT_MS),
      inject: [ReconciliationQueries],
    },
  ];
}
