import {
  type DynamicModule,
  type FactoryProvider,
  Global,
  Module,
  type ValueProvider,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { derivePassword, HealthModule, MetricsModule } from '@parley/platform';
import { Credentials, TenantDatabases } from '@parley/tenancy';
import { AccessGuard } from './auth/access.guard.js';
import { Conversations } from './conversations/conversations.service.js';
import { ConversationQueries } from './conversations/conversations.queries.js';
import { ConversationsController } from './conversations/conversations.controller.js';
import { Cursors } from './conversations/cursors.js';
import { ProblemFilter } from './errors/problem.filter.js';
import { type GatewayParts } from './gateway-parts.js';
import { Keys } from './keys/keys.service.js';
import { KeysController } from './keys/keys.controller.js';
import { KeyLimits } from './limits/key-limits.js';
import { MessagesController } from './messages/messages.controller.js';
import { ReceiptBoard } from './receipts/receipt-board.js';
import { ReceiptWaiter } from './receipts/receipt-waiter.js';
import { Receipts } from './receipts/receipts.service.js';
import { ReceiptsController } from './receipts/receipts.controller.js';
import { CommandPublisher } from './uploads/command-publisher.js';
import { Submissions } from './uploads/submissions.service.js';
import { Uploads } from './uploads/uploads.service.js';

const PACE = { firstMs: 2, lastMs: 20 };
const FALLBACK_PACE = { firstMs: 250, lastMs: 250 };

/** The gateway's controllers, and what they stand on. */
@Global()
@Module({})
export class GatewayModule {
  static with(parts: GatewayParts): DynamicModule {
    return {
      module: GatewayModule,
      imports: [
        MetricsModule,
        HealthModule.register({
          control: () => parts.control.ping(),
          bus: () => parts.bus.ping(),
        }),
      ],
      controllers: [
        ConversationsController,
        MessagesController,
        ReceiptsController,
        KeysController,
      ],
      providers: [
        ...given(parts),
        ...writing(parts),
        { provide: APP_GUARD, useClass: AccessGuard },
        ConversationQueries,
        Conversations,
        Receipts,
        Keys,
      ],
    };
  }
}

function given(parts: GatewayParts): (ValueProvider | FactoryProvider)[] {
  const { config, logger, secret } = parts;
  return [
    { provide: Credentials, useValue: parts.credentials },
    { provide: TenantDatabases, useValue: parts.tenantDatabases },
    { provide: KeyLimits, useFactory: () => new KeyLimits(config) },
    { provide: Cursors, useFactory: () => new Cursors(derivePassword(secret, 'gateway-cursors')) },
    { provide: APP_FILTER, useFactory: () => new ProblemFilter(logger) },
  ];
}

function writing({ config, bus, logger, receiptBoard }: GatewayParts): FactoryProvider[] {
  const board = receiptBoard ?? new ReceiptBoard();
  const pace = receiptBoard ? FALLBACK_PACE : PACE;
  return [
    {
      provide: ReceiptWaiter,
      useFactory: (receipts: Receipts) =>
        new ReceiptWaiter(
          board,
          (tenant, ids) => receipts.find(tenant, ids),
          pace,
          (error) => {
            logger.warn({ err: error }, 'receipts can not be read');
          },
        ),
      inject: [Receipts],
    },
    {
      provide: Submissions,
      useFactory: (waiter: ReceiptWaiter) =>
        new Submissions(new CommandPublisher(bus), waiter, config),
      inject: [ReceiptWaiter],
    },
    {
      provide: Uploads,
      useFactory: (submissions: Submissions, limits: KeyLimits) => new Uploads(submissions, limits),
      inject: [Submissions, KeyLimits],
    },
  ];
}
