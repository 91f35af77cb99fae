import { type ClientBase, type Pool } from 'pg';
import { type ReadModelVersion } from '@parley/event-sourcing';
import { safeError } from './errors.js';
import {
  beginAtHead,
  endFrozenWriter,
  type Head,
  type Lane,
  type TransactionLimits,
} from './log/head.js';
import { readFrom, readHead, readStream, type StoredEvent } from './log/log-reader.js';
import { LogTransaction, type Partitions } from './log/log-transaction.js';
import { isKnown, versionOf } from './rows/active-schema.js';
import { type ReadModels } from './rows/row-set.js';

/**
 * Defaults: 2 s to get the locks, 5 s of silence within a transaction, 10 s until a writer that keeps others waiting
 * counts as frozen.
 */
export interface EventStoreOptions {
  readonly lockTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly frozenAfterMs?: number;
}

type Work<T> = (tx: LogTransaction) => Promise<T>;

const LOCK_NOT_AVAILABLE = '55P03';
const NONE_KNOWN: Partitions = { payloads: 0, receiptDays: new Set() };

/** The conversation log, the read models and the ledger of one tenant. */
export class EventStore {
  private readonly limits: TransactionLimits;
  private readonly frozenAfterMs: number;
  private isOutdated = false;
  private partitions = NONE_KNOWN;

  constructor(
    private readonly pool: Pool,
    private readonly versions: readonly ReadModelVersion[],
    options: EventStoreOptions = {},
  ) {
    const { lockTimeoutMs = 2000, idleTimeoutMs = 5000, frozenAfterMs = 10_000 } = options;
    this.limits = { lockTimeoutMs, idleTimeoutMs };
    this.frozenAfterMs = frozenAfterMs;
  }

  /** Whether the last transaction found read models that are newer than this code; it can write nothing then. */
  get isBehind(): boolean {
    return this.isOutdated;
  }

  /**
   * Runs `work` as the only writer of the log and commits what it staged; nothing remains when it throws.
   * `bulk` work queues up among itself first, so that interactive work never waits for more than one chunk of it.
   * A lock that does not come because its holder's process is frozen is taken away from it; `work` may so run twice.
   * Where `signal` fires the connection is cut, so that nothing waits for an answer any more; what was about to be
   * committed then may be, or may not.
   * Throws `ConcurrencyError`, `UnknownReadModelsError` where the database is ahead of this code, or PostgreSQL's error
   * (55P03 for a lock that did not come in time) without row values.
   */
  async transact<T>(lane: Lane, work: Work<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await this.attempt(lane, work, signal);
    } catch (error) {
      const isLocked = (error as { code?: unknown } | null)?.code === LOCK_NOT_AVAILABLE;
      if (!isLocked || !(await endFrozenWriter(this.pool, this.frozenAfterMs))) throw error;
      return this.attempt(lane, work, signal);
    }
  }

  /** Resolves when the database answers. */
  async ping(signal?: AbortSignal): Promise<void> {
    await withClient(this.pool, (client) => client.query('SELECT 1'), signal);
  }

  /** Every event of one stream, in order. */
  async readStream(streamId: string): Promise<StoredEvent[]> {
    return Array.fromAsync(readStream(this.pool, streamId));
  }

  /** Up to `limit` events after `position`, in order, fewer where they are large; a reader that goes on from the last one misses none. */
  async readFrom(position: number, limit: number): Promise<StoredEvent[]> {
    return readFrom(this.pool, position, limit);
  }

  /** The last position; 0 for an empty log. */
  async head(): Promise<number> {
    return readHead(this.pool);
  }

  private async attempt<T>(lane: Lane, work: Work<T>, signal?: AbortSignal): Promise<T> {
    const transaction = async (client: ClientBase) => {
      const head = await beginAtHead(client, lane, this.limits);
      const tx = new LogTransaction(client, head, this.readModelsAt(head));
      const result = await work(tx);
      const known = this.partitions;
      // What another process has dropped is noticed by failing; the next try must not believe it again.
      this.partitions = NONE_KNOWN;
      this.partitions = await tx.commit(known);
      return result;
    };
    return withClient(this.pool, transaction, signal);
  }

  private readModelsAt({ schema }: Head): ReadModels {
    this.isOutdated = !isKnown(this.versions, schema);
    const { models } = versionOf(this.versions, schema);
    return { models, schema: schema.name };
  }
}

/**
 * Runs `work` with a client and rolls back when it throws; a client whose rollback fails is not used again, nor is one
 * whose work was cut short by `signal`.
 */
export async function withClient<T>(
  pool: Pool,
  work: (client: ClientBase) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  const client = await pool.connect();
  // A connection that dies between two queries says so by an event, which would end the process if nobody listened.
  let broken: Error | undefined;
  const onError = (error: Error) => (broken = error);
  client.on('error', onError);
  try {
    return await (signal ? cutShort(signal, () => work(client)) : work(client));
  } catch (error) {
    if (signal?.aborted) broken ??= new Error('the work was cut short');
    else await client.query('ROLLBACK').catch((failure: Error) => (broken ??= failure));
    throw safeError(error);
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** Runs `work` as `withClient` does, in a transaction that `begin` begins, and commits. */
export async function withTransaction<T>(
  pool: Pool,
  begin: string,
  work: (client: ClientBase) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const transaction = async (client: ClientBase) => {
    await client.query(begin);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  };
  return withClient(pool, transaction, signal);
}

/** What `work` answers, or the signal's reason as soon as it fires; the work then fails for want of its connection. */
async function cutShort<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const cut = Promise.withResolvers<never>();
  const abort = () => cut.reject(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work(), cut.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
