import { type ClientBase } from 'pg';
import { type Door, type JsonObject, type ReasonCode, type Version } from '@parley/contracts';
import { type Queryable } from '../log/log-reader.js';
import { insertRows, type Table } from '../copy/table-rows.js';

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

const TABLE: Table<DeadLetter> = {
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

/** How many dead letters a tenant has. */
export async function countDeadLetters(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ n: number }>('SELECT count(*)::int AS n FROM dead_letters');
  return rows[0]?.n ?? 0;
}

/** The dead letters that a transaction adds; one whose coordinates are there already is the same one. */
export class DeadLetters {
  private readonly staged: DeadLetter[] = [];

  constructor(private readonly client: ClientBase) {}

  add(letter: DeadLetter): void {
    this.staged.push(letter);
  }

  async flush(): Promise<void> {
    await insertRows(this.client, TABLE, this.staged, 'ON CONFLICT DO NOTHING');
  }
}
