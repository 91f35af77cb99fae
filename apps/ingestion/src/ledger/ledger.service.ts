import { readModels } from '@parley/domain';
import { dropOldReceipts, EventStore } from '@parley/event-store';
import { type Logger } from '@parley/platform';
import { type TenantDatabases, type Tenants } from '@parley/tenancy';
import { expireWaiting } from './expire-waiting.js';

/** Ends what has had its time in each tenant's ledger: receipts after 7 days, waiting records after 24 h. */
export class LedgerService {
  constructor(
    private readonly tenants: Tenants,
    private readonly databases: TenantDatabases,
    private readonly logger: Logger,
  ) {}

  /** One tenant after the other; a tenant whose database is away is left for the next time. */
  async tidy(): Promise<void> {
    for (const { id } of await this.tenants.list()) {
      try {
        const pool = await this.databases.pool(id, 'app');
        await dropOldReceipts(pool);
        const store = new EventStore(pool, readModels);
        while ((await store.transact('bulk', expireWaiting)) > 0);
      } catch (error) {
        this.logger.warn({ err: error, tenant: id }, 'the ledger could not be tidied');
      }
    }
  }
}
