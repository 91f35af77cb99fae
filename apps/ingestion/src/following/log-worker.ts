import { setTimeout as delay } from 'node:timers/promises';
import { type Receipt } from '@parley/contracts';
import { backoffMs, endedWithin, type Logger, type Warn, warnSeldom } from '@parley/platform';
import { type TenantDatabases, type Tenants } from '@parley/tenancy';
import { type Pool } from 'pg';

/** A tenant whose log is worked through. */
export interface FollowedTenant {
  readonly tenant: string;
  readonly pool: Pool;
}

/** What a worker stands on. */
export interface LogWorkerParts {
  readonly tenants: Pick<Tenants, 'list'>;
  readonly databases: Pick<TenantDatabases, 'pool'>;
  readonly logger: Logger;
  /** Works through one log until `signal` fires or its end is reached; answers whether it was. */
  readonly follow: (followed: FollowedTenant, signal: AbortSignal) => Promise<boolean>;
  /** What the log says, once a minute, while that fails. */
  readonly complaint: string;
}

const WHILE_ANOTHER_IS_AT_IT_MS = 250;
const STOPPED_WITHIN_MS = 3_000;
/** A database that does not answer holds up the sweep of the others no longer than this. */
const SWEPT_WITHIN_MS = 10_000;

/**
 * Works through the logs of all tenants, each in its order. It looks where this process has just written something, and
 * from time to time everywhere, for what a process wrote that is gone.
 */
export class LogWorker {
  private readonly stopping = new AbortController();
  private readonly runs = new Map<string, Promise<void>>();
  private readonly isNew = new Set<string>();
  private readonly warn: Warn;

  constructor(private readonly parts: LogWorkerParts) {
    this.warn = warnSeldom(parts.logger);
  }

  /** Right after a commit. */
  post(tenant: string, receipts: readonly Receipt[]): void {
    if (receipts.some(({ position }) => position !== null)) this.wake(tenant);
  }

  /** One tenant after the other, so that no more databases are opened than one at a time. */
  async sweep(): Promise<void> {
    try {
      for (const { id } of await this.parts.tenants.list()) {
        if (this.stopping.signal.aborted) return;
        if (this.runs.has(id)) continue;
        const swept = this.once(id).catch((error) => this.report(error, id));
        await endedWithin(SWEPT_WITHIN_MS, swept);
      }
    } catch (error) {
      this.report(error, null);
    }
  }

  /** Waits for the batches under way, but for those whose database does not answer: they can be begun again. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await endedWithin(STOPPED_WITHIN_MS, Promise.all(this.runs.values()));
  }

  private wake(tenant: string): void {
    this.isNew.add(tenant);
    if (this.runs.has(tenant) || this.stopping.signal.aborted) return;
    this.runs.set(tenant, this.run(tenant));
  }

  private async run(tenant: string): Promise<void> {
    const { signal } = this.stopping;
    for (let attempt = 1; this.isNew.delete(tenant) && !signal.aborted;) {
      const wait = await this.once(tenant).then(
        (isThrough) => (isThrough ? 0 : WHILE_ANOTHER_IS_AT_IT_MS),
        (error: unknown) => {
          this.report(error, tenant);
          return backoffMs(attempt++);
        },
      );
      if (wait === 0) continue;
      this.isNew.add(tenant);
      await delay(wait, undefined, { signal, ref: false }).catch(() => undefined);
    }
    this.runs.delete(tenant);
  }

  private async once(tenant: string): Promise<boolean> {
    const pool = await this.parts.databases.pool(tenant, 'app');
    return this.parts.follow({ tenant, pool }, this.stopping.signal);
  }

  private report(error: unknown, tenant: string | null): void {
    if (this.stopping.signal.aborted) return;
    this.warn({ err: error, tenant }, this.parts.complaint);
  }
}
