import { type ReadModelVersion } from '@parley/event-sourcing';
import { type Bus } from '@parley/messaging';
import { type Logger } from '@parley/platform';
import { type ControlDatabase, type Credentials, type TenantDatabases } from '@parley/tenancy';
import { type GatewayConfig } from './config.js';
import { type ReceiptBoard } from './receipts/receipt-board.js';

/** What a gateway is made of; whoever opened a part closes it. */
export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  /** The installation secret; page cursors are signed with a key derived from it. */
  readonly secret: Buffer;
  readonly bus: Bus;
  readonly control: ControlDatabase;
  readonly credentials: Credentials;
  readonly databases: TenantDatabases;
  /** The versions of the read models that it reads; those of this release by default. */
  readonly models?: readonly ReadModelVersion[];
  /** Given where ingestion runs in this process and posts its receipts; polling is then only the fallback. */
  readonly receipts?: ReceiptBoard;
}
