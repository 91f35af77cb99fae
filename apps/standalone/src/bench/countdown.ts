import { type Receipt } from '@parley/contracts';
import { type CoresUsed, measureCores } from './cores.js';

/** What was counted down: commands per second from the first commit to the last, and the cores' time that it took. */
export interface Counted {
  readonly perSecond: number;
  readonly cores: CoresUsed;
}

/** Counts receipts down, and times all but those of the first commit. */
export class Countdown {
  readonly done: Promise<Counted>;
  fail: (error: Error) => void = () => undefined;
  private end: (counted: Counted) => void = () => undefined;
  private first = 0;
  private firstAt = 0;
  private count = 0;
  private cores: () => CoresUsed = () => ({ own: 0, others: 0 });

  constructor(private readonly expected: number) {
    this.done = new Promise((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
  }

  post(_tenant: string, receipts: readonly Receipt[]): void {
    if (this.count === 0) {
      this.first = receipts.length;
      this.firstAt = performance.now();
      this.cores = measureCores();
    }
    this.count += receipts.length;
    if (this.count < this.expected) return;
    const seconds = (performance.now() - this.firstAt) / 1000;
    this.end({ perSecond: (this.count - this.first) / seconds, cores: this.cores() });
  }
}
