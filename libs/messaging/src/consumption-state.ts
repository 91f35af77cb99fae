import { backoffMs } from '@parley/platform';
import { type ConsumeOptions } from './bus.js';
import { type PartitionWorker, type WorkerSettings } from './partition-worker.js';

/** What a chunk holds at most where nobody says otherwise. */
export const CHUNK_LIMITS = { maxRecords: 500, maxBytes: 4 * 1024 * 1024 };
const MAX_ATTEMPTS = 8;

/** Milliseconds to wait before the try after `attempt`, which counts from 1. */
export type Backoff = (attempt: number) => number;

/** What every running consumption has, whatever the bus: whether it stops, and whether it has died. */
export class ConsumptionState {
  readonly failed: Promise<Error>;
  private readonly stopping = new AbortController();
  private resolveFailed!: (error: Error) => void;

  constructor(
    private readonly options: ConsumeOptions,
    private readonly backoff: Backoff = backoffMs,
  ) {
    this.failed = new Promise((resolve) => (this.resolveFailed = resolve));
  }

  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  get isStopping(): boolean {
    return this.signal.aborted;
  }

  stop(): void {
    this.stopping.abort();
  }

  fail(error: Error): void {
    this.resolveFailed(error);
  }

  /** The options with their defaults, for the workers of the consumption. */
  workerSettings(
    onTaken: (worker: PartitionWorker) => void,
    onFailed: (error: Error) => void,
  ): WorkerSettings {
    const { handler, maxRecords, maxBytes, maxAttempts } = this.options;
    return {
      ...{ handler, onTaken, onFailed, backoff: this.backoff, signal: this.signal },
      maxRecords: maxRecords ?? CHUNK_LIMITS.maxRecords,
      maxBytes: maxBytes ?? CHUNK_LIMITS.maxBytes,
      maxAttempts: maxAttempts ?? MAX_ATTEMPTS,
    };
  }
}
