import { type FactoryProvider } from '@nestjs/common';
import { RedactionPolicies } from '@parley/redaction';
import { type GatewayParts } from '../gateway-parts.js';
import { KeyLimits } from '../limits/key-limits.js';
import { ReadAfterTokens } from '../reading/read-after-tokens.js';
import { ReceiptBoard } from '../receipts/receipt-board.js';
import { ReceiptWaiter } from '../receipts/receipt-waiter.js';
import { Receipts } from '../receipts/receipts.service.js';
import { CommandPublisher } from './command-publisher.js';
import { Submissions } from './submissions.service.js';
import { Uploads } from './uploads.service.js';

const PACE = { firstMs: 2, lastMs: 20 };
const FALLBACK_PACE = { firstMs: 250, lastMs: 250 };

/** What takes uploads to the bus, and waits for what becomes of them. */
export function writing({ config, bus, logger, receipts }: GatewayParts): FactoryProvider[] {
  const board = receipts ?? new ReceiptBoard();
  const pace = receipts ? FALLBACK_PACE : PACE;
  return [
    {
      provide: ReceiptWaiter,
      useFactory: (stored: Receipts) =>
        new ReceiptWaiter(
          board,
          (tenant, ids) => stored.find(tenant, ids),
          pace,
          (error) => {
            logger.warn({ err: error }, 'receipts cannot be read');
          },
        ),
      inject: [Receipts],
    },
    {
      provide: Submissions,
      useFactory: (waiter: ReceiptWaiter, stored: Receipts) =>
        new Submissions({
          publisher: new CommandPublisher(bus),
          waiter,
          findHashes: (tenant, first, last) => stored.listRequestHashes(tenant, first, last),
          config,
        }),
      inject: [ReceiptWaiter, Receipts],
    },
    {
      provide: Uploads,
      useFactory: (...parts: ConstructorParameters<typeof Uploads>) => new Uploads(...parts),
      inject: [Submissions, KeyLimits, ReadAfterTokens, RedactionPolicies],
    },
  ];
}
