import { setImmediate } from 'node:timers/promises';
import { type BusRecord, BusUnavailableError } from './bus.js';
import { recordBytes, refuseTooLarge } from './record-size.js';

/** One call of `publish`. */
export interface Publication {
  readonly topic: string;
  readonly records: readonly BusRecord[];
}

/** How calls of `publish` are sent. */
export interface PublishQueueOptions {
  /** Makes the records of all these calls durable, in this order. */
  readonly send: (publications: readonly Publication[]) => Promise<void>;
  /** A call that was not durable by then is answered with `BusUnavailableError`. */
  readonly deadlineMs: number;
}

interface Waiting extends Publication {
  readonly bytes: number;
  readonly timer: NodeJS.Timeout;
  resolve(): void;
  reject(error: Error): void;
}

const MAX_RECORDS = 2_000;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Merges the calls that arrive while a send is under way into the next one: many callers share one commit, one send
 * at a time keeps their order.
 */
export class PublishQueue {
  private waiting: Waiting[] = [];
  private sending?: Promise<void>;
  private isClosed = false;

  constructor(private readonly options: PublishQueueOptions) {}

  publish(topic: string, records: readonly BusRecord[]): Promise<void> {
    if (this.isClosed) return Promise.reject(new BusUnavailableError('the bus is closed'));
    if (records.length === 0) return Promise.resolve();
    refuseTooLarge(records);
    return new Promise((resolve, reject) => {
      const call: Waiting = {
        ...{ topic, records, resolve, reject },
        bytes: records.reduce((sum, record) => sum + recordBytes(record), 0),
        timer: setTimeout(() => this.giveUp(call), this.options.deadlineMs),
      };
      this.waiting.push(call);
      this.sending ??= this.sendAll();
    });
  }

  /** Takes no more and resolves when the calls under way are answered, by their deadlines at the latest. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.sending;
  }

  private async sendAll(): Promise<void> {
    // Requests that came with the same turn of the event loop share a send.
    await setImmediate();
    while (this.waiting.length > 0) await this.sendSome();
    this.sending = undefined;
  }

  private async sendSome(): Promise<void> {
    const batch = this.takeBatch();
    try {
      await this.options.send(batch);
      for (const call of batch) call.resolve();
    } catch (error) {
      for (const call of batch) call.reject(error as Error);
    } finally {
      for (const call of batch) clearTimeout(call.timer);
    }
  }

  private takeBatch(): Waiting[] {
    let records = 0;
    let bytes = 0;
    let count = 0;
    for (const call of this.waiting) {
      records += call.records.length;
      bytes += call.bytes;
      if (count > 0 && (records > MAX_RECORDS || bytes > MAX_BYTES)) break;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  /** A call that waits for its turn is withdrawn; of one under way nobody knows. */
  private giveUp(call: Waiting): void {
    this.waiting = this.waiting.filter((other) => other !== call);
    call.reject(new BusUnavailableError(`not durable within ${this.options.deadlineMs} ms`));
  }
}
