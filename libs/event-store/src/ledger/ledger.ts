import { type ClientBase } from 'pg';
import { type Receipt } from '@parley/contracts';
import { type BatchedReads } from '../copy/batched-reads.js';
import { type Copy } from '../copy/copy-table.js';
import { type DeadLetter, DeadLetters, type FailedAgain } from './dead-letters.js';
import { Offsets, type OffsetSource } from './offsets.js';
import { Receipts } from './receipts.js';
import { Waiting, type WaitingRecord } from './waiting.js';

/**
 * What is durable but not derived from the log, within one transaction: receipts, applied offsets, dead letters and
 * waiting records. Reads are in bulk, ahead of the decisions; changes are staged and written with the transaction.
 */
export class Ledger {
  private readonly receipts: Receipts;
  private readonly offsets: Offsets;
  private readonly deadLetters: DeadLetters;
  private readonly waiting: Waiting;

  constructor(client: ClientBase, reads: BatchedReads) {
    this.receipts = new Receipts(client, reads);
    this.offsets = new Offsets(client, reads);
    this.deadLetters = new DeadLetters(client);
    this.waiting = new Waiting(client, reads);
  }

  /** Reads the receipts of these commands; those of this very transaction are among them. */
  async findReceipts(commandIds: readonly string[]): Promise<Map<string, Receipt>> {
    await this.receipts.find(commandIds);
    const found = commandIds.map((id) => [id, this.receipts.get(id)] as const);
    return new Map(found.filter((entry): entry is [string, Receipt] => entry[1] !== null));
  }

  /** The receipt of a command that `findReceipts` asked for or this transaction added, or null. */
  receipt(commandId: string): Receipt | null {
    return this.receipts.get(commandId);
  }

  /** Adds a receipt; one that was found before and says `rejected` or `waiting` is replaced, any other is kept (throws). */
  addReceipt(receipt: Receipt): void {
    this.receipts.add(receipt);
  }

  /** The offset after the last one applied of each source, in their order; 0 where nothing has been applied. */
  async nextOffsets(sources: readonly OffsetSource[]): Promise<number[]> {
    return this.offsets.next(sources);
  }

  /**
   * Moves an applied offset with the transaction, if it is still `from` by then: throws `ConcurrencyError`
   * `offset/fenced` here or at the end otherwise, and nothing of the transaction remains.
   */
  advance(source: OffsetSource, from: number, to: number): void {
    this.offsets.advance(source, from, to);
  }

  addDeadLetter(letter: DeadLetter): void {
    this.deadLetters.add(letter);
  }

  /** Takes away the letter of a record that has been redriven and has had its effect. */
  settleDeadLetter(id: string): void {
    this.deadLetters.settle(id);
  }

  /** Counts one more try of a letter that stays one. */
  failDeadLetterAgain(letter: FailedAgain): void {
    this.deadLetters.failAgain(letter);
  }

  addWaiting(record: WaitingRecord): void {
    this.waiting.add(record);
  }

  /** Reads what waits under these conversation ids, in bulk, so that `takeWaiting` can answer; answers what is new. */
  async loadWaiting(conversationIds: readonly string[]): Promise<WaitingRecord[]> {
    return this.waiting.load(conversationIds);
  }

  /** Wakes what waits for a conversation, oldest first, the records of this transaction included. */
  takeWaiting(agentId: string, conversationId: string): WaitingRecord[] {
    return this.woken(this.waiting.take(agentId, conversationId));
  }

  /** Takes out what has waited until `now` (microseconds), oldest first, at most 500 at a time. */
  async expireWaiting(now: number): Promise<WaitingRecord[]> {
    return this.woken(await this.waiting.expire(now));
  }

  /** What must come before the COPYs. `days` have their partition of receipts; answers the days made here. */
  async prepare(days: ReadonlySet<number>): Promise<number[]> {
    await this.offsets.flush();
    return this.receipts.prepare(days);
  }

  copies(): Copy[] {
    return this.receipts.copies();
  }

  async flush(): Promise<void> {
    await this.waiting.flush();
    await this.deadLetters.flush();
  }

  // Their receipts say `waiting`; the next one of each command takes that one's place.
  private woken(records: WaitingRecord[]): WaitingRecord[] {
    for (const { command_id } of records) this.receipts.forget(command_id);
    return records;
  }
}
