import { type ClientBase } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { type Door, type JsonObject, type Version } from '@parley/contracts';
import { type BatchedReads } from '../copy/batched-reads.js';
import { insertRows, readRows, selectList, type Table } from '../copy/table-rows.js';

/** A command that waits for its conversation to be opened. Times are microseconds since 1970. */
export interface WaitingRecord {
  readonly command_id: string;
  readonly arrived_at: number;
  readonly expires_at: number;
  readonly version: Version;
  readonly door: Door;
  readonly agent_id: string | null;
  readonly conversation_id: string;
  readonly message_id: string | null;
  /** The command as it is to be decided when it wakes. */
  readonly command: JsonObject;
}

type WaitingRow = WaitingRecord & { readonly id: string };

const TABLE: Table<WaitingRow> = {
  name: 'waiting_records',
  columns: [
    ['id', 'uuid'],
    ['arrived_at', 'timestamp'],
    ['expires_at', 'timestamp'],
    ['version', 'text'],
    ['door', 'text'],
    ['agent_id', 'text'],
    ['conversation_id', 'text'],
    ['message_id', 'text'],
    ['command', 'json'],
    ['command_id', 'uuid'],
  ],
};
const EXPIRE_AT_ONCE = 500;

/** The waiting records that a transaction reads, adds and wakes. */
export class Waiting {
  private readonly byConversation = new Map<string, WaitingRow[]>();
  private readonly loaded = new Set<string>();
  private readonly staged = new Set<WaitingRow>();
  private readonly taken: string[] = [];

  constructor(
    private readonly client: ClientBase,
    private readonly reads: BatchedReads,
  ) {}

  async load(conversationIds: readonly string[]): Promise<WaitingRecord[]> {
    const unknown = [...new Set(conversationIds)].filter((id) => !this.loaded.has(id));
    if (unknown.length === 0) return [];
    const sql = `SELECT ${selectList(TABLE, 'w')} FROM waiting_records w
      WHERE w.conversation_id = ANY($1::text[])`;
    const rows = (await readRows(this.reads, TABLE, sql, [unknown]))
      .map(withNumbers)
      .sort(byArrival);
    for (const id of unknown) {
      const stored = rows.filter((row) => row.conversation_id === id);
      if (stored.length > 0)
        this.byConversation.set(id, [...stored, ...(this.byConversation.get(id) ?? [])]);
      this.loaded.add(id);
    }
    return rows;
  }

  add(record: WaitingRecord): void {
    const row = { ...record, id: uuidv7() };
    const others = this.byConversation.get(row.conversation_id) ?? [];
    this.byConversation.set(row.conversation_id, [...others, row]);
    this.staged.add(row);
  }

  take(agentId: string, conversationId: string): WaitingRecord[] {
    if (!this.loaded.has(conversationId))
      throw new Error('takeWaiting() before loadWaiting() of that conversation');
    const rows = this.byConversation.get(conversationId) ?? [];
    const isWoken = (row: WaitingRow) => row.agent_id === null || row.agent_id === agentId;
    const woken = rows.filter(isWoken);
    this.byConversation.set(
      conversationId,
      rows.filter((row) => !isWoken(row)),
    );
    for (const row of woken) if (!this.staged.delete(row)) this.taken.push(row.id);
    return woken;
  }

  async expire(now: number): Promise<WaitingRecord[]> {
    const expired = `SELECT id FROM waiting_records
      WHERE expires_at <= to_timestamp($1 / 1000000.0) ORDER BY expires_at LIMIT ${EXPIRE_AT_ONCE}`;
    const sql = `DELETE FROM waiting_records w WHERE id IN (${expired}) RETURNING ${selectList(TABLE, 'w')}`;
    const rows = await readRows(this.client, TABLE, sql, [now]);
    return rows.map(withNumbers).sort(byArrival);
  }

  async flush(): Promise<void> {
    if (this.taken.length > 0)
      await this.client.query('DELETE FROM waiting_records WHERE id = ANY($1::uuid[])', [
        this.taken,
      ]);
    await insertRows(this.client, TABLE, [...this.staged]);
  }
}

function byArrival(a: WaitingRow, b: WaitingRow): number {
  return a.arrived_at - b.arrived_at || (a.id < b.id ? -1 : 1);
}

function withNumbers(row: WaitingRow): WaitingRow {
  return { ...row, arrived_at: Number(row.arrived_at), expires_at: Number(row.expires_at) };
}
