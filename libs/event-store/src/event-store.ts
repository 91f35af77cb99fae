import { type ClientBase, type Pool } from 'pg';
import { type ReadModel } from '@parley/event-sourcing';
import { safeError } from './errors.js';
import { beginAtHead, endFrozenWriter, type Lane, type TransactionLimits } from './log/head.js';
import { readFrom, readHead, readStream, type StoredEvent } from './log/log-reader.js';
import { LogTransaction, type Partitions } from './log/log-transaction.js';
import { READ_MODEL_VERSION, readModelSchema } from './rows/read-model-schema.js';

/**
 * Defaults: 2 s to get the locks, 5 s of silence within a transaction, 10 s until a writer that keeps others waiting
 * counts as frozen, the read models of this code's version.
 */
export interface EventStoreOptions {
  readonly lockTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly frozenAfterMs?: number;
  readonly readModelVersion?: number;
}

const LOCK_NOT_AVAILABLE = '55P03';
const NONE_KNOWN: Partitions = { payloads: 0, receiptDays: new Set() };

/** The conversation log, the read models and the ledger of one tenant. */
export class EventStore {
  private readonly limits: TransactionLimits;
  private readonly frozenAfterMs: number;
  private readonly version: number;
  private partitions = NONE_KNOWN;

  constructor(
    private readonly pool: Pool,
    private readonly models: readonly ReadModel[],
    options: EventStoreOptions = {},
  ) {
    const { lockTimeoutMs = 2000, idleTimeoutMs = 5000, frozenAfterMs = 10_000 } = options;
    this.limits = { lockTimeoutMs, idleTimeoutMs };
    this.frozenAfterMs = frozenAfterMs;
    this.version = options.readModelVersion ?? READ_MODEL_VERSION;
  }

  /**
   * Runs `work` as the only writer of the log and commits what it staged; nothing remains when it throws.
   * `bulk` work queues up among itself first, so that interactive work never waits for more than one chunk of it.
   * A lock that does not come because its holder's process is frozen is taken away from it; `work` may so run twice.
   * Throws `ConcurrencyError`, or PostgreSQL's error (55P03 for a lock that did not come in time) without row values.
   */
  async transact<T>(lane: Lane, work: (tx: LogTransaction) => Promise<T>): Promise<T> {
    try {
      return await this.attempt(lane, work);
    } catch (error) {
      const isLocked = (error as { code?: unknown } | null)?.code === LOCK_NOT_AVAILABLE;
      if (!isLocked || !(await endFrozenWriter(this.pool, this.frozenAfterMs))) throw error;
      return this.attempt(lane, work);
    }
  }

  /** Every event of one stream, in order. */
  async readStream(streamId: string): Promise<StoredEvent[]> {
    return readStream(this.pool, streamId);
  }

  /** Up to `limit` events after `position`, in order; a reader that goes on from the last one misses none. */
  async readFrom(position: number, limit: number): Promise<StoredEvent[]> {
    return readFrom(this.pool, position, limit);
  }

  /** The last position; 0 for an empty log. */
  async head(): Promise<number> {
    return readHead(this.pool);
  }

  /** Whether the database serves the read models that this code writes. */
  async isCurrent(): Promise<boolean> {
    const { rows } = await this.pool.query<{ version: number }>(
      'SELECT version FROM active_read_model',
    );
    return rows[0]?.version === this.version;
  }

  private async attempt<T>(lane: Lane, work: (tx: LogTransaction) => Promise<T>): Promise<T> {
    return withClient(this.pool, async (client) => {
      const head = await beginAtHead(client, lane, this.limits);
      const { models } = this;
      const tx = new LogTransaction(client, head, {
        models,
        schema: readModelSchema(this.version),
      });
      const result = await work(tx);
      const known = this.partitions;
      // What another process has dropped is noticed by failing; the next try must not believe it again.
      this.partitions = NONE_KNOWN;
      const partitions = await tx.flush(known);
      await client.query('COMMIT');
      this.partitions = partitions;
      return result;
    });
  }
}

/** Runs `work` with a client and rolls back when it throws; a client whose rollback fails is not used again. */
export async function withClient<T>(
  pool: Pool,
  work: (client: ClientBase) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  // A connection that dies between two queries says so by an event, which would end the process if nobody listened.
  let broken: Error | undefined;
  const onError = (error: Error) => (broken = error);
  client.on('error', onError);
  try {
    return await work(client);
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => (broken ??= failure));
    throw safeError(error);
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}
