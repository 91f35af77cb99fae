import { type ClientBase } from 'pg';
import { type Column, type ReadModel, type Recorded, type StreamRow } from '@parley/event-sourcing';
import { kindOf, quoted } from '../copy/columns.js';
import { type BatchedReads } from '../copy/batched-reads.js';
import { type Copy, copyRows } from '../copy/copy-table.js';
import { prepared } from '../copy/prepared.js';
import { arrayParam, readRows, selectList, type Table, unnested } from '../copy/table-rows.js';
import { type Entry, RowTable } from './row-table.js';

/** The read models that a transaction writes, and the schema that they are in. */
export interface ReadModels {
  readonly models: readonly ReadModel[];
  readonly schema: string;
}

/** The key of a row: `item` is `''` where the model has no item column. */
export interface RowKey {
  readonly stream_id: string;
  readonly item: string;
}

/**
 * The read-model rows of one transaction: read in bulk, changed in memory by the events of the log, written in bulk.
 * A row must be loaded before an event touches it, unless its stream was opened here.
 */
export class RowSet {
  private readonly tables = new Map<string, RowTable<StreamRow>>();

  constructor(
    private readonly client: ClientBase,
    private readonly reads: BatchedReads,
    { models, schema }: ReadModels,
  ) {
    for (const model of models) this.tables.set(model.table, new RowTable(model, schema));
  }

  /** Reads the rows of these keys that are not known yet. */
  async load<R extends StreamRow>(model: ReadModel<R>, keys: readonly RowKey[]): Promise<void> {
    const rows = this.table(model);
    const unknown = keys.filter((key) => !rows.isKnown(key.stream_id, key.item));
    if (unknown.length === 0) return;
    const { sql, values } = selectKeys(rows, unknown);
    for (const row of await readRows(this.reads, rows.table, sql, values)) rows.found(row);
    for (const key of unknown) rows.missing(key.stream_id, key.item);
  }

  /** Reads the rows with one of `values` in a column; answers them as they are now, those opened here included. */
  async loadWhere<R extends StreamRow>(
    model: ReadModel<R>,
    column: keyof R & string,
    values: readonly string[],
  ): Promise<R[]> {
    const rows = this.table(model);
    const unique = [...new Set(values)];
    const { kind } = model.columns[column];
    const sql = `SELECT ${selectList(rows.table, 'r')} FROM ${rows.table.name} r
      WHERE r.${quoted(column)} = ANY($1::${kindOf(kind).type}[])`;
    if (unique.length > 0)
      for (const row of await readRows(this.reads, rows.table, sql, [arrayParam(kind, unique)]))
        rows.found(row);
    return unique.flatMap((value) => rows.find(column, value));
  }

  /** The row as it is now, or null. Throws for a row that was never loaded. */
  get<R extends StreamRow>(model: ReadModel<R>, streamId: string, item = ''): R | null {
    return this.table(model).get(streamId, item);
  }

  /** The rows in memory with this value in a column: what was loaded, as it is now, and what was opened here. */
  find<R extends StreamRow>(model: ReadModel<R>, column: keyof R & string, value: unknown): R[] {
    return this.table(model).find(column, value);
  }

  /** Reads every row that these events touch. */
  async loadTouched(events: readonly Recorded[]): Promise<void> {
    for (const { model } of this.tables.values()) {
      const keys = events.flatMap((event) => {
        const items = event.streamVersion === 1 ? 'all' : model.touches(event);
        return items === 'all' ? [] : items.map((item) => ({ stream_id: event.streamId, item }));
      });
      const opened = new Set(events.filter((e) => e.streamVersion === 1).map((e) => e.streamId));
      await this.load(
        model,
        keys.filter((key) => !opened.has(key.stream_id)),
      );
    }
  }

  /** Changes the rows that the event touches, in every model. */
  apply(recorded: Recorded): void {
    for (const table of this.tables.values()) table.apply(recorded);
  }

  /** Writes what is gone and what has changed, a statement each per table; answers the COPYs of what is new. */
  async flush(): Promise<Copy[]> {
    const copies: Copy[] = [];
    for (const rows of this.tables.values()) {
      const { goneStreams, gone, changed, fresh } = rows.changes();
      await this.deleteStreams(rows.table, goneStreams);
      await this.deleteRows(rows, gone);
      await this.update(rows, changed);
      if (fresh.length > 0) copies.push(copyRows(rows.table, fresh));
    }
    return copies;
  }

  private table<R extends StreamRow>(model: ReadModel<R>): RowTable<R> {
    const table = this.tables.get(model.table);
    if (!table) throw new Error(`no read model ${model.table} in this store`);
    return table as unknown as RowTable<R>;
  }

  private async deleteStreams(table: Table<StreamRow>, streams: readonly string[]): Promise<void> {
    if (streams.length === 0) return;
    await this.client.query(`DELETE FROM ${table.name} WHERE stream_id = ANY($1::uuid[])`, [
      streams,
    ]);
  }

  private async deleteRows<R extends StreamRow>(
    rows: RowTable<R>,
    gone: readonly Entry<R>[],
  ): Promise<void> {
    if (gone.length === 0) return;
    const { source, values } = unnested(keyTable(rows), gone.map(keyOf));
    const sql = `DELETE FROM ${rows.table.name} t USING ${source} WHERE ${sameKey(rows, 'item')}`;
    await this.client.query(sql, values);
  }

  private async update<R extends StreamRow>(
    rows: RowTable<R>,
    changed: readonly R[],
  ): Promise<void> {
    if (changed.length === 0) return;
    const { source, values } = unnested(rows.table, changed);
    const isKey = (name: string) => name === 'stream_id' || name === rows.model.item;
    const assignments = rows.table.columns
      .filter(([name]) => !isKey(name))
      .map(([name]) => `${quoted(name)} = u.${quoted(name)}`);
    const sql = `UPDATE ${rows.table.name} t SET ${assignments.join(', ')} FROM ${source}
      WHERE ${sameKey(rows, rows.model.item ?? '')}`;
    await this.client.query(prepared(sql), values);
  }
}

function keyOf<R extends StreamRow>(entry: Entry<R>): RowKey {
  return { stream_id: entry.streamId, item: entry.item };
}

/** The key columns under their names here. */
function keyTable<R extends StreamRow>({ model }: RowTable<R>): Table<RowKey> {
  const columns: Readonly<Record<string, Column>> = model.columns;
  const kind = model.item && columns[model.item]?.kind;
  return { name: '', columns: [['stream_id', 'uuid'], ...(kind ? [['item', kind] as const] : [])] };
}

/** Joins the table, as t, to an unnested source whose item column has this name. */
function sameKey<R extends StreamRow>({ model }: RowTable<R>, itemName: string): string {
  const byItem = model.item ? ` AND t.${quoted(model.item)} = u.${quoted(itemName)}` : '';
  return `t.stream_id = u.stream_id${byItem}`;
}

function selectKeys<R extends StreamRow>(rows: RowTable<R>, keys: readonly RowKey[]) {
  const { source, values } = unnested(keyTable(rows), keys);
  // OFFSET 0 keeps the planner from joining any other way than by key.
  const sql = `SELECT ${selectList(rows.table, 'r')} FROM ${source} CROSS JOIN LATERAL (
      SELECT * FROM ${rows.table.name} t WHERE ${sameKey(rows, 'item')} OFFSET 0) r`;
  return { sql, values };
}
