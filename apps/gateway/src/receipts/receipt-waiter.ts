import { setTimeout as pause } from 'node:timers/promises';
import { type Receipt } from '@parley/contracts';
import { type Expected, type ReceiptBoard } from './receipt-board.js';

/** Looks receipts up in the database of a tenant. */
export type FindReceipts = (
  tenant: string,
  commandIds: readonly string[],
) => Promise<readonly Receipt[]>;

/** How often the poller looks, in milliseconds: at first, and at most after looking in vain. */
export interface PollPace {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** An expectation under way. */
export interface Waiting {
  /** The receipt; null when it has not come within this time, in milliseconds. Call it once, when the bus has the command. */
  within(timeoutMs: number): Promise<Receipt | null>;
  cancel(): void;
}

/**
 * Waits for receipts; one poller a tenant, only while someone waits, serves all of its waiters with one query.
 * `onFailure` is told of the first failed look of a poller: it goes on, until the last waiter's deadline.
 */
export class ReceiptWaiter {
  private readonly polled = new Set<string>();

  constructor(
    private readonly board: ReceiptBoard,
    private readonly look: FindReceipts,
    private readonly pace: PollPace,
    private readonly onFailure: (error: unknown) => void = () => undefined,
  ) {}

  /** Call it before publishing, so that no receipt is missed; then `poll` once the bus has the command. */
  expect(expected: Expected): Waiting {
    const { promise, resolve } = Promise.withResolvers<Receipt | null>();
    const cancel = this.board.expect(expected, resolve);
    const within = (timeoutMs: number): Promise<Receipt | null> => {
      const timer = setTimeout(() => {
        cancel();
        resolve(null);
      }, timeoutMs);
      return promise.finally(() => {
        clearTimeout(timer);
      });
    };
    return { within, cancel };
  }

  /** The receipts of commands of one tenant that may be decided long since; null for one that is not by then. */
  async find(
    expected: readonly Expected[],
    timeoutMs: number,
  ): Promise<readonly (Receipt | null)[]> {
    const [first] = expected;
    if (!first) return [];
    const waiting = expected.map((one) => this.expect(one));
    try {
      const ids = expected.map(({ commandId }) => commandId);
      this.board.post(first.tenant, await this.look(first.tenant, ids));
    } catch (error) {
      waiting.forEach((one) => {
        one.cancel();
      });
      throw error;
    }
    if (this.board.expectedIn(first.tenant).length > 0) this.poll(first.tenant);
    return Promise.all(waiting.map((one) => one.within(timeoutMs)));
  }

  /** Makes sure that the tenant's receipts are looked for as long as someone waits for one. */
  poll(tenant: string): void {
    if (this.polled.has(tenant)) return;
    this.polled.add(tenant);
    void this.pollWhileExpected(tenant);
  }

  private async pollWhileExpected(tenant: string): Promise<void> {
    let delay = this.pace.firstMs;
    let hasFailed = false;
    for (;;) {
      await pause(delay);
      const ids = this.board.expectedIn(tenant);
      // In one step with the look at the ids: whoever comes later starts the next poller.
      if (ids.length === 0) return void this.polled.delete(tenant);
      const found = await this.look(tenant, ids).catch((error: unknown) => {
        if (!hasFailed) this.onFailure(error);
        hasFailed = true;
        return [];
      });
      const answered = this.board.post(tenant, found);
      delay = answered > 0 ? this.pace.firstMs : Math.min(delay * 2, this.pace.lastMs);
    }
  }
}
