import { setTimeout as delay } from 'node:timers/promises';
import { type Receipt } from '@parley/contracts';
import { followSearch } from '@parley/search';
import { LogWorker, type LogWorkerParts } from '../following/log-worker.js';

/** What the indexer stands on. */
export type SearchIndexerParts = Omit<LogWorkerParts, 'follow' | 'complaint'>;

const BUSY_FOR_MS = 500;
// While records come in by the thousand, indexing gets a fifth of the time.
const REST = 4;

/**
 * Fills the search indexes of all tenants behind their logs. It gives way to ingestion: with much to index while
 * records come in, it rests longer than it works.
 */
export class SearchIndexer extends LogWorker {
  private busyUntil = 0;

  constructor(parts: SearchIndexerParts) {
    super({
      ...parts,
      follow: ({ pool }, signal) =>
        followSearch(pool, signal, { rest: (tookMs) => this.rest(tookMs, signal) }),
      complaint: 'texts wait to be indexed: what that needs is away',
    });
  }

  override post(tenant: string, receipts: readonly Receipt[]): void {
    this.busyUntil = performance.now() + BUSY_FOR_MS;
    super.post(tenant, receipts);
  }

  private async rest(tookMs: number, signal: AbortSignal): Promise<void> {
    if (performance.now() > this.busyUntil) return;
    await delay(tookMs * REST, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
