import { type ClientBase } from 'pg';
import { type Event, type Recorded } from '@parley/event-sourcing';
import { BatchedReads } from '../copy/batched-reads.js';
import { type Copy, sendCopies } from '../copy/copy-table.js';
import { type ErasedIdentity, Erasure } from '../ledger/erasure.js';
import { Ledger } from '../ledger/ledger.js';
import { type ReadModels, RowSet } from '../rows/row-set.js';
import { type Head } from './head.js';
import { type Digest, digestWith } from './log-digest.js';
import { LogWriter, type NewEvent } from './log-writer.js';

/** Which partitions are known to exist. */
export interface Partitions {
  /** The position up to which payloads have theirs. */
  readonly payloads: number;
  /** The days, counted from 1970-01-01, for which receipts have theirs. */
  readonly receiptDays: ReadonlySet<number>;
}

/** The only writer of a tenant's log, for as long as the transaction lasts. Everything is staged and written at the end. */
export class LogTransaction {
  /** Microseconds since 1970: the database's clock, never before the last event. The same for the whole transaction. */
  readonly now: number;
  readonly rows: RowSet;
  readonly ledger: Ledger;
  private readonly writer: LogWriter;
  private readonly erasure: Erasure;
  /** The keyed digest of the tenant's log: tells what an identity or a hash was without keeping it. */
  readonly digest: Digest;

  constructor(
    readonly client: ClientBase,
    head: Head,
    readModels: ReadModels,
  ) {
    const reads = new BatchedReads(client);
    this.rows = new RowSet(client, reads, readModels);
    this.now = head.now;
    this.ledger = new Ledger(client, reads);
    this.writer = new LogWriter(head);
    this.erasure = new Erasure(client);
    this.digest = digestWith(head.digestKey);
  }

  /** The last position of the log, what was appended here included. */
  get position(): number {
    return this.writer.lastPosition;
  }

  /** Appends an event: gives it its place and changes the read models in memory at once. */
  append<E extends Event>(event: NewEvent<E>): Recorded<E> {
    const recorded = this.writer.stage(event);
    this.rows.apply(recorded);
    return recorded;
  }

  /**
   * Erases a stream's payloads and what the ledger holds of it under its identities, after the events of this
   * transaction are written. One of the stream's events must be a `ConversationDeleted`, or the database refuses.
   */
  eraseStream(streamId: string, identities: readonly ErasedIdentity[]): void {
    this.erasure.add(streamId, identities);
  }

  /** Writes everything and commits; answers the partitions that exist now. */
  async commit(known: Partitions): Promise<Partitions> {
    const payloads = await this.writer.extend(this.client, known.payloads);
    // Never at once: what goes on beside a failure would be sent after the ROLLBACK, and stay.
    const days = await this.ledger.prepare(known.receiptDays);
    const rows = await this.rows.flush();
    await this.ledger.flush();
    await this.sendAndCommit([...this.ledger.copies(), ...rows, ...this.writer.copies()]);
    return { payloads, receiptDays: new Set([...known.receiptDays, ...days]) };
  }

  /** What costs PostgreSQL most and us least comes first: the log is encoded while the indexes of the others grow. */
  private async sendAndCommit(copies: readonly Copy[]): Promise<void> {
    if (this.erasure.isEmpty) return sendCopies(this.client, copies, 'COMMIT');
    await sendCopies(this.client, copies);
    await this.erasure.flush();
    await this.client.query('COMMIT');
  }
}
