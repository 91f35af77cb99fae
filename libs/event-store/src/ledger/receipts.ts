import { type ClientBase } from 'pg';
import { type Receipt } from '@parley/contracts';
import { type BatchedReads } from '../copy/batched-reads.js';
import { type Copy, copyRows } from '../copy/copy-table.js';
import { arrayParam, readRows, selectList, type Table } from '../copy/table-rows.js';
import { type Queryable } from '../log/log-reader.js';

interface ReceiptRow extends Omit<Receipt, 'warnings' | 'masked'> {
  readonly warnings: readonly string[] | null;
  readonly masked: readonly string[] | null;
  /** Days since 1970-01-01, UTC; the partition key. */
  readonly decided_on: number;
}

const TABLE: Table<ReceiptRow> = {
  name: 'receipts',
  columns: [
    ['command_id', 'uuid'],
    ['decided_on', 'day'],
    ['attempt_id', 'uuid'],
    ['disposition', 'text'],
    ['stream_id', 'uuid'],
    ['stream_version', 'integer'],
    ['position', 'bigint'],
    ['content_hash', 'sha256'],
    ['request_hash', 'sha256'],
    ['warnings', 'json'],
    ['masked', 'json'],
    ['problem', 'json'],
    ['created_at', 'timestamp'],
    ['decided_at', 'timestamp'],
  ],
};
const DAY_MICROS = 86_400_000_000;

/** The receipts of these commands, as many as there are. */
export async function readReceipts(
  db: Queryable | BatchedReads,
  commandIds: readonly string[],
): Promise<Receipt[]> {
  if (commandIds.length === 0) return [];
  const sql = `SELECT ${selectList(TABLE, 'r')} FROM receipts r WHERE r.command_id = ANY($1::uuid[])`;
  const rows = await readRows(db, TABLE, sql, [arrayParam('uuid', commandIds)]);
  return rows.map(({ decided_on: _, ...row }) => ({
    ...row,
    warnings: row.warnings ?? [],
    masked: row.masked ?? [],
    created_at: row.created_at === null ? null : Number(row.created_at),
    decided_at: Number(row.decided_at),
  }));
}

/** Drops the daily partitions that hold nothing younger than 7 days. Answers how many. */
export async function dropOldReceipts(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ dropped: number }>('SELECT drop_old_receipts() AS dropped');
  return rows[0]?.dropped ?? 0;
}

/** The receipts that a transaction reads and writes. */
export class Receipts {
  private readonly known = new Map<string, Receipt>();
  private readonly staged = new Map<string, Receipt>();
  private readonly outdated = new Set<string>();

  constructor(
    private readonly client: ClientBase,
    private readonly reads: BatchedReads,
  ) {}

  async find(commandIds: readonly string[]): Promise<void> {
    const unknown = commandIds.filter((id) => !this.known.has(id));
    for (const receipt of await readReceipts(this.reads, unknown))
      this.known.set(receipt.command_id, receipt);
  }

  get(commandId: string): Receipt | null {
    return this.known.get(commandId) ?? null;
  }

  add(receipt: Receipt): void {
    const id = receipt.command_id;
    const former = this.known.get(id);
    if (former && former.disposition !== 'rejected' && former.disposition !== 'waiting')
      throw new Error(`command ${id} has a receipt already`);
    if (former) this.forget(id);
    this.known.set(id, receipt);
    this.staged.set(id, receipt);
  }

  /** The next receipt of this command takes the place of any there is. */
  forget(commandId: string): void {
    this.known.delete(commandId);
    if (!this.staged.delete(commandId)) this.outdated.add(commandId);
  }

  /** Removes what is replaced and makes the partitions of the days; `days` are known to have theirs. */
  async prepare(days: ReadonlySet<number>): Promise<number[]> {
    if (this.outdated.size > 0)
      await this.client.query('DELETE FROM receipts WHERE command_id = ANY($1::uuid[])', [
        [...this.outdated],
      ]);
    const missing = [...new Set([...this.staged.values()].map(dayOf))].filter((d) => !days.has(d));
    for (const day of missing)
      await this.client.query(`SELECT extend_receipts(date '1970-01-01' + $1::int)`, [day]);
    return missing;
  }

  copies(): Copy[] {
    if (this.staged.size === 0) return [];
    const rows = [...this.staged.values()].map((receipt) => ({
      ...receipt,
      decided_on: dayOf(receipt),
      warnings: orNull(receipt.warnings),
      masked: orNull(receipt.masked),
    }));
    return [copyRows(TABLE, rows)];
  }
}

function orNull(list: readonly string[]): readonly string[] | null {
  return list.length === 0 ? null : list;
}

function dayOf(receipt: Receipt): number {
  return Math.floor(receipt.decided_at / DAY_MICROS);
}
