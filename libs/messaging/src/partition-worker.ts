import { setTimeout as delay } from 'node:timers/promises';
import { type Chunk, type ChunkHandler, type DeliveredRecord, type Source } from './bus.js';

/** How chunks are cut and handled. */
export interface WorkerSettings {
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly maxAttempts: number;
  readonly handler: ChunkHandler;
  /** Milliseconds before the try after `attempt`. */
  readonly backoff: (attempt: number) => number;
  /** Fires when the consumption stops. */
  readonly signal: AbortSignal;
  /** A chunk left the queue. */
  readonly onTaken: (worker: PartitionWorker) => void;
  /** A chunk failed for the last time. */
  readonly onFailed: (error: Error) => void;
}

/** The chunk of this partition failed `maxAttempts` times; `cause` is what the handler threw last. */
export class HandlerFailedError extends Error {
  override readonly name = 'HandlerFailedError';
  readonly code = 'bus/handler-failed';
}

/**
 * Hands the records of one partition to the handler, in order, one chunk at a time, apart from all other partitions.
 * Holds about two chunks at most, as long as its feeder heeds `hasRoom`.
 */
export class PartitionWorker {
  /** The offset after the last record that was offered: lower ones are known already. */
  next: number;
  /** The offset after the last record that was dealt with; null before the first. */
  handled: number | null = null;
  private queue: DeliveredRecord[] = [];
  private queuedBytes = 0;
  private highWater = 0;
  private running?: Promise<void>;
  private readonly abandoned = new AbortController();
  private readonly signal: AbortSignal;

  constructor(
    readonly source: Source,
    from: number,
    private readonly settings: WorkerSettings,
  ) {
    this.next = from;
    this.signal = AbortSignal.any([settings.signal, this.abandoned.signal]);
  }

  get hasRoom(): boolean {
    const { maxRecords, maxBytes } = this.settings;
    return this.queue.length < maxRecords && this.queuedBytes < maxBytes;
  }

  /** Whether the bus is known to have records that were not offered yet. */
  get isBehind(): boolean {
    return this.next < this.highWater;
  }

  /** Takes consecutive records into the queue; those already known are left out. */
  offer(records: readonly DeliveredRecord[], highWater: number): void {
    this.highWater = Math.max(highWater, this.highWater);
    for (const record of records) {
      if (record.offset < this.next) continue;
      this.queue.push(record);
      this.queuedBytes += bytesOf(record);
      this.next = record.offset + 1;
    }
    if (this.queue.length > 0 && !this.signal.aborted) this.running ??= this.run();
  }

  /** Drops what is queued and resolves when the chunk under way is done with. */
  async abandon(): Promise<void> {
    this.abandoned.abort();
    this.queue = [];
    await this.running;
  }

  private async run(): Promise<void> {
    while (this.queue.length > 0 && !this.signal.aborted) {
      const records = this.take();
      this.settings.onTaken(this);
      const { source, highWater } = this;
      if (!(await this.handle({ source, highWater, records }))) break;
      this.handled = records.at(-1)!.offset + 1;
    }
    this.running = undefined;
  }

  private take(): DeliveredRecord[] {
    const taken = cutChunk(this.queue, this.settings);
    for (const record of taken) this.queuedBytes -= bytesOf(record);
    return taken;
  }

  private async handle(chunk: Chunk): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.settings.handler(chunk, this.signal);
        return true;
      } catch (cause) {
        if (this.signal.aborted) return false;
        if (attempt >= this.settings.maxAttempts) return this.fail(attempt, cause);
      }
      await this.pause(this.settings.backoff(attempt));
      if (this.signal.aborted) return false;
    }
  }

  private fail(attempts: number, cause: unknown): false {
    const { topic, partition } = this.source;
    const message = `a chunk of ${topic}/${partition} failed ${attempts} times`;
    this.settings.onFailed(new HandlerFailedError(message, { cause }));
    return false;
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.signal }).catch(() => undefined);
  }
}

/** Takes the first records off the queue, at least one. */
export function cutChunk(
  queue: DeliveredRecord[],
  { maxRecords, maxBytes }: Pick<WorkerSettings, 'maxRecords' | 'maxBytes'>,
): DeliveredRecord[] {
  let count = 0;
  let bytes = 0;
  for (const record of queue) {
    bytes += bytesOf(record);
    if (count === maxRecords || (count > 0 && bytes > maxBytes)) break;
    count++;
  }
  return queue.splice(0, count);
}

function bytesOf({ value }: DeliveredRecord): number {
  return value?.length ?? 0;
}
