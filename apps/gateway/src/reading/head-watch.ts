import { setTimeout as pause } from 'node:timers/promises';
import { type PollPace } from '../receipts/receipt-waiter.js';

interface Waiter {
  readonly position: number;
  readonly resolve: (head: number | null) => void;
}

/**
 * Waits for the logs of tenants to get somewhere; one poller a tenant, only while someone waits, serves all of its
 * waiters with one query. `onFailure` is told of the first failed look of a poller: it goes on until nobody waits.
 */
export class HeadWatch {
  private readonly tenants = new Map<string, Set<Waiter>>();

  constructor(
    private readonly readHead: (tenant: string) => Promise<number>,
    private readonly pace: PollPace,
    private readonly onFailure: (error: unknown) => void = () => undefined,
  ) {}

  /** The head of the log once it is at `position` or beyond; null where it does not get there in time. */
  async reach(tenant: string, position: number, timeoutMs: number): Promise<number | null> {
    const head = await this.readHead(tenant);
    return head >= position ? head : this.wait(tenant, position, timeoutMs);
  }

  private async wait(tenant: string, position: number, timeoutMs: number): Promise<number | null> {
    const { promise, resolve } = Promise.withResolvers<number | null>();
    const waiter = { position, resolve };
    const timer = setTimeout(() => {
      this.tenants.get(tenant)?.delete(waiter);
      resolve(null);
    }, timeoutMs);
    const waiters = this.tenants.get(tenant);
    if (waiters) waiters.add(waiter);
    else void this.pollFor(tenant, new Set([waiter]));
    return promise.finally(() => {
      clearTimeout(timer);
    });
  }

  private async pollFor(tenant: string, waiters: Set<Waiter>): Promise<void> {
    this.tenants.set(tenant, waiters);
    let delay = this.pace.firstMs;
    let hasFailed = false;
    for (;;) {
      await pause(delay);
      // In one step with the look at the waiters: whoever comes later starts the next poller.
      if (waiters.size === 0) return void this.tenants.delete(tenant);
      const head = await this.readHead(tenant).catch((error: unknown) => {
        if (!hasFailed) this.onFailure(error);
        hasFailed = true;
        return 0;
      });
      for (const waiter of [...waiters].filter(({ position }) => position <= head)) {
        waiters.delete(waiter);
        waiter.resolve(head);
      }
      delay = Math.min(delay * 2, this.pace.lastMs);
    }
  }
}
