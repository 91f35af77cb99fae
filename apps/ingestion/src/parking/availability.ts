import { setTimeout as delay } from 'node:timers/promises';
import { isOutage } from '@parley/event-store';
import { backoffMs } from '@parley/platform';

/** Work on a tenant's database that is harmless when it is repeated; it is to end soon after the signal fires. */
export type DatabaseWork<T = void> = (signal: AbortSignal) => Promise<T>;

/** How a tenant's database is asked whether it is there, and how long it may be away before its tenant is parked. */
export interface AvailabilityParts {
  readonly ping: DatabaseWork;
  readonly parkAfterMs: number;
}

/** The tenant's database has been away for so long that nobody else is to wait for it. */
export class DatabaseAwayError extends Error {
  override readonly name = 'DatabaseAwayError';
  readonly code = 'database/away';
}

/** For so long after a failure nobody tries again, so that each partition does not wait for itself. */
const BELIEVED_FOR_MS = 5_000;

/**
 * Tells a tenant's database that is away from one that is slow or locked: away is what refuses, or what leaves a ping
 * of its own unanswered. A transaction may take as long as it needs while the database answers.
 */
export class Availability {
  private awayUntil = 0;

  constructor(private readonly parts: AvailabilityParts) {}

  /** Tries until the work is done, or throws `DatabaseAwayError`; what is no outage is thrown as it is, at once. */
  async persist<T>(work: DatabaseWork<T>): Promise<T> {
    const since = performance.now();
    if (since < this.awayUntil) throw new DatabaseAwayError('the database was away just now');
    for (let tries = 1; ; tries++) {
      try {
        return await this.once(work);
      } catch (cause) {
        if (cause instanceof DatabaseAwayError || !isOutage(cause)) throw cause;
        const left = since + this.parts.parkAfterMs - performance.now();
        if (left <= 0) throw this.away(cause);
        await delay(Math.min(left, backoffMs(tries)));
      }
    }
  }

  /** Tries once, whatever is known; cuts the work short with `DatabaseAwayError` where the database falls silent. */
  async once<T>(work: DatabaseWork<T>): Promise<T> {
    const cut = new AbortController();
    const running = work(cut.signal);
    while (!(await isOver(running, this.parts.parkAfterMs))) {
      if (await this.answers()) continue;
      const silent = this.away(new Error('neither the work nor a ping was answered'));
      cut.abort(silent);
      throw silent;
    }
    const answer = await running;
    this.awayUntil = 0;
    return answer;
  }

  private async answers(): Promise<boolean> {
    const cut = new AbortController();
    const ping = this.parts.ping(cut.signal);
    const isAnswered = await isOver(ping, this.parts.parkAfterMs);
    cut.abort();
    return isAnswered && ping.then(yes, no);
  }

  private away(cause: unknown): DatabaseAwayError {
    this.awayUntil = performance.now() + BELIEVED_FOR_MS;
    return new DatabaseAwayError('the tenant’s database is away', { cause });
  }
}

const yes = () => true;
const no = () => false;

/** Whether the work has ended, either way, within that time. */
function isOver(work: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    // A process that was busy for long may have the answer already, and only not have read it.
    const timer = setTimeout(() => setImmediate(resolve, false), ms);
    const settle = () => {
      clearTimeout(timer);
      resolve(true);
    };
    work.then(settle, settle);
  });
}
