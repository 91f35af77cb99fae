import { type ClientBase } from 'pg';
import { type Door, type JsonObject, type ReasonCode, type Version } from '@parley/contracts';
import { insertRows, type Table, unnested } from '../copy/table-rows.js';

/**
 * A record that could not be applied, as it came. The coordinates on the bus are null where there are none (a record
 * that waited too long). `detail` is for people and holds no content. Times are microseconds since 1970.
 */
export interface DeadLetter {
  readonly id: string;
  readonly arrived_at: number;
  readonly version: Version | null;
  readonly door: Door;
  readonly reason: ReasonCode;
  readonly detail: string;
  readonly bus_id: string | null;
  readonly incarnation: number | null;
  readonly topic: string | null;
  readonly partition: number | null;
  readonly offset: number | null;
  readonly record_key: Uint8Array | null;
  readonly headers: JsonObject | null;
  readonly value: Uint8Array | null;
  readonly agent_id: string | null;
  readonly conversation_id: string | null;
  readonly message_id: string | null;
  readonly stream_id: string | null;
  readonly attempts: number;
  readonly first_failed_at: number;
  readonly last_failed_at: number;
}

/** Where they are kept. */
export const DEAD_LETTERS: Table<DeadLetter> = {
  name: 'dead_letters',
  columns: [
    ['id', 'uuid'],
    ['arrived_at', 'timestamp'],
    ['version', 'text'],
    ['door', 'text'],
    ['reason', 'text'],
    ['detail', 'text'],
    ['bus_id', 'text'],
    ['incarnation', 'integer'],
    ['topic', 'text'],
    ['partition', 'integer'],
    ['offset', 'bigint'],
    ['record_key', 'bytes'],
    ['headers', 'json'],
    ['value', 'bytes'],
    ['agent_id', 'text'],
    ['conversation_id', 'text'],
    ['message_id', 'text'],
    ['stream_id', 'uuid'],
    ['attempts', 'integer'],
    ['first_failed_at', 'timestamp'],
    ['last_failed_at', 'timestamp'],
  ],
};

/** Why a letter that was tried again stays one. */
export interface FailedAgain extends Pick<DeadLetter, 'id' | 'reason' | 'detail'> {
  readonly last_failed_at: number;
}

// Of a deleted conversation nothing is kept: no deletion would reach it any more.
const FAILED_AGAIN = `UPDATE dead_letters d SET attempts = d.attempts + 1, reason = u.reason, detail = u.detail,
    last_failed_at = u.last_failed_at,
    value = CASE WHEN u.reason <> 'conversation_deleted' THEN d.value END,
    record_key = CASE WHEN u.reason <> 'conversation_deleted' THEN d.record_key END,
    headers = CASE WHEN u.reason <> 'conversation_deleted' THEN d.headers END,
    conversation_id = CASE WHEN u.reason <> 'conversation_deleted' THEN d.conversation_id END,
    message_id = CASE WHEN u.reason <> 'conversation_deleted' THEN d.message_id END`;

const AGAIN: Table<FailedAgain> = {
  name: 'dead_letters',
  columns: [
    ['id', 'uuid'],
    ['reason', 'text'],
    ['detail', 'text'],
    ['last_failed_at', 'timestamp'],
  ],
};

/** The dead letters that a transaction adds; one whose coordinates are there already is the same one. */
export class DeadLetters {
  private readonly staged: DeadLetter[] = [];
  private readonly settled: string[] = [];
  private readonly failed: FailedAgain[] = [];

  constructor(private readonly client: ClientBase) {}

  add(letter: DeadLetter): void {
    this.staged.push(letter);
  }

  /** What the letter holds has had its effect. */
  settle(id: string): void {
    this.settled.push(id);
  }

  failAgain(letter: FailedAgain): void {
    this.failed.push(letter);
  }

  async flush(): Promise<void> {
    await insertRows(this.client, DEAD_LETTERS, this.staged, 'ON CONFLICT DO NOTHING');
    if (this.settled.length > 0)
      await this.client.query('DELETE FROM dead_letters WHERE id = ANY($1::uuid[])', [
        this.settled,
      ]);
    if (this.failed.length === 0) return;
    const { source, values } = unnested(AGAIN, this.failed);
    await this.client.query(`${FAILED_AGAIN} FROM ${source} WHERE d.id = u.id`, values);
  }
}
