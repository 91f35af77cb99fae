import { type ClientBase } from 'pg';
import { type BatchedReads } from '../copy/batched-reads.js';
import { readRows, selectList, type Table, unnested } from '../copy/table-rows.js';
import { prepared } from '../copy/prepared.js';
import { ConcurrencyError } from '../errors.js';
import { type Queryable } from '../log/log-reader.js';

/** Where records came from: the coordinates of a partition for one consumer group, as the bus names them. */
export interface OffsetSource {
  readonly bus: string;
  readonly incarnation: number;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

interface OffsetRow {
  readonly bus_id: string;
  readonly incarnation: number;
  readonly consumer_group: string;
  readonly topic: string;
  readonly partition: number;
  readonly next: number;
}

interface Move extends OffsetRow {
  readonly expected: number;
}

const TABLE: Table<OffsetRow> = {
  name: 'applied_offsets',
  columns: [
    ['bus_id', 'text'],
    ['incarnation', 'integer'],
    ['consumer_group', 'text'],
    ['topic', 'text'],
    ['partition', 'integer'],
    ['next', 'bigint'],
  ],
};
const MOVES: Table<Move> = { name: '', columns: [...TABLE.columns, ['expected', 'bigint']] };
const KEY = 'bus_id, incarnation, consumer_group, topic, partition';

const MOVE = (source: string) => `
  WITH moves AS (SELECT * FROM ${source}),
  moved AS (
    UPDATE applied_offsets o SET next = m.next FROM moves m
    WHERE (o.bus_id, o.incarnation, o.consumer_group, o.topic, o.partition)
        = (m.bus_id, m.incarnation, m.consumer_group, m.topic, m.partition) AND o.next = m.expected
    RETURNING 1),
  begun AS (
    INSERT INTO applied_offsets (${KEY}, next)
    SELECT ${KEY}, next FROM moves WHERE expected = 0 AND (${KEY}) NOT IN (SELECT ${KEY} FROM applied_offsets)
    ON CONFLICT DO NOTHING RETURNING 1)
  SELECT ((SELECT count(*) FROM moved) + (SELECT count(*) FROM begun))::int AS done`;

/** The applied offsets that a transaction reads and moves. */
export class Offsets {
  private readonly moves = new Map<string, Move>();

  constructor(
    private readonly client: ClientBase,
    private readonly reads: BatchedReads,
  ) {}

  /** The offset after the last one applied, for each source; 0 where nothing has been applied. */
  async next(sources: readonly OffsetSource[]): Promise<number[]> {
    const keys = sources.map((source) => rowOf(source, 0));
    const { source, values } = unnested(TABLE, keys);
    const sql = `SELECT ${selectList(TABLE, 'o')} FROM ${source} JOIN applied_offsets o USING (${KEY})`;
    const rows = await readRows(this.reads, TABLE, sql, values);
    const found = new Map(rows.map((row) => [keyOf(row), row.next]));
    return keys.map((key) => this.moves.get(keyOf(key))?.next ?? found.get(keyOf(key)) ?? 0);
  }

  advance(source: OffsetSource, from: number, to: number): void {
    const row = rowOf(source, to);
    const former = this.moves.get(keyOf(row));
    if (former && former.next !== from) throw fenced();
    this.moves.set(keyOf(row), { ...row, expected: former?.expected ?? from });
  }

  async flush(): Promise<void> {
    if (this.moves.size === 0) return;
    const { source, values } = unnested(MOVES, [...this.moves.values()]);
    const { rows } = await this.client.query<{ done: number }>(prepared(MOVE(source)), values);
    if (rows[0]?.done !== this.moves.size) throw fenced();
  }
}

/** The offset after the last one applied, by partition of a topic; partitions of which nothing was applied are left out. */
export async function readOffsets(
  db: Queryable,
  topic: Omit<OffsetSource, 'partition'>,
): Promise<Map<number, number>> {
  const { rows } = await db.query<{ partition: number; next: string }>(
    `SELECT partition, next FROM applied_offsets
      WHERE bus_id = $1 AND incarnation = $2 AND consumer_group = $3 AND topic = $4`,
    [topic.bus, topic.incarnation, topic.group, topic.topic],
  );
  return new Map(rows.map(({ partition, next }) => [partition, Number(next)]));
}

function rowOf(source: OffsetSource, next: number): OffsetRow {
  const { bus, incarnation, group, topic, partition } = source;
  return { bus_id: bus, incarnation, consumer_group: group, topic, partition, next };
}

function keyOf(row: OffsetRow): string {
  return [row.bus_id, row.incarnation, row.consumer_group, row.topic, row.partition].join('\n');
}

function fenced(): ConcurrencyError {
  return new ConcurrencyError('offset/fenced', 'another consumer has applied these records');
}
