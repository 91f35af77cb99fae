import { type ReadModel, type Recorded, type StreamRow } from '@parley/event-sourcing';
import { quoted, type StoredKind } from '../copy/columns.js';
import { type Table } from '../copy/table-rows.js';

/** A row as it was found and as it is now; null for no row. */
export interface Entry<Row extends object> {
  readonly streamId: string;
  readonly item: string;
  before: Row | null;
  after: Row | null;
}

/** What has to be written. */
export interface Changes<Row extends object> {
  readonly goneStreams: readonly string[];
  readonly gone: readonly Entry<Row>[];
  readonly changed: readonly Row[];
  readonly fresh: readonly Row[];
}

/** The rows of one read model that a transaction knows, in memory. */
export class RowTable<Row extends StreamRow> {
  readonly table: Table<Row>;
  private readonly streams = new Map<string, Map<string, Entry<Row>>>();
  /** Streams of which every row is known, so that what is not here does not exist. */
  private readonly complete = new Set<string>();
  private readonly goneStreams = new Set<string>();
  private readonly indexes = new Map<string, Map<unknown, Set<Entry<Row>>>>();

  constructor(
    readonly model: ReadModel<Row>,
    schema: string,
  ) {
    const columns = Object.entries<{ readonly kind: StoredKind }>(model.columns);
    this.table = {
      name: `${quoted(schema)}.${quoted(model.table)}`,
      columns: columns.map(([name, { kind }]) => [name as keyof Row & string, kind] as const),
    };
  }

  itemOf(row: Row): string {
    return this.model.item ? String(columnOf(row, this.model.item)) : '';
  }

  /** Takes note of a row that was read; what is here already is newer and stays. */
  found(row: Row): void {
    const item = this.itemOf(row);
    if (this.complete.has(row.stream_id) || this.peek(row.stream_id, item)) return;
    this.remember({ streamId: row.stream_id, item, before: row, after: row });
  }

  /** Takes note that there is no such row, unless it is here. */
  missing(streamId: string, item: string): void {
    if (!this.peek(streamId, item)) this.remember({ streamId, item, before: null, after: null });
  }

  isKnown(streamId: string, item: string): boolean {
    return this.complete.has(streamId) || this.peek(streamId, item) !== undefined;
  }

  get(streamId: string, item: string): Row | null {
    const entry = this.peek(streamId, item);
    if (!entry && !this.complete.has(streamId))
      throw new Error(`a row of ${this.model.table} was used before it was loaded`);
    return entry?.after ?? null;
  }

  /** The rows in memory with this value in a column. */
  find(column: string, value: unknown): Row[] {
    const found = this.index(column).get(value) ?? [];
    return [...found].map((entry) => entry.after).filter((row) => row !== null);
  }

  apply(recorded: Recorded): void {
    if (recorded.streamVersion === 1) this.complete.add(recorded.streamId);
    const items = this.model.touches(recorded);
    if (items === 'all') return this.removeStream(recorded);
    for (const item of items) {
      const row = this.model.isWriteOnce ? null : this.get(recorded.streamId, item);
      this.set(recorded.streamId, item, this.model.project(row, recorded, item));
    }
  }

  changes(): Changes<Row> {
    const gone: Entry<Row>[] = [];
    const changed: Row[] = [];
    const fresh: Row[] = [];
    for (const entries of this.streams.values())
      for (const entry of entries.values()) {
        if (entry.before === entry.after) continue;
        if (!entry.after) gone.push(entry);
        else (entry.before ? changed : fresh).push(entry.after);
      }
    return { goneStreams: [...this.goneStreams], gone, changed, fresh };
  }

  private removeStream(recorded: Recorded): void {
    for (const entry of this.streams.get(recorded.streamId)?.values() ?? []) {
      if (entry.after && this.model.project(entry.after, recorded, entry.item) !== null)
        throw new Error(`${this.model.table} keeps a row of a stream that it says is gone`);
      this.reindex(entry, null);
      entry.before = null;
    }
    this.goneStreams.add(recorded.streamId);
    this.complete.add(recorded.streamId);
  }

  private set(streamId: string, item: string, row: Row | null): void {
    const entry = this.peek(streamId, item);
    if (entry) this.reindex(entry, row);
    else this.remember({ streamId, item, before: null, after: row });
  }

  private peek(streamId: string, item: string): Entry<Row> | undefined {
    return this.streams.get(streamId)?.get(item);
  }

  private remember(entry: Entry<Row>): void {
    const entries = this.streams.get(entry.streamId);
    if (entries) entries.set(entry.item, entry);
    else this.streams.set(entry.streamId, new Map([[entry.item, entry]]));
    for (const [column, index] of this.indexes) link(index, column, entry);
  }

  private reindex(entry: Entry<Row>, row: Row | null): void {
    for (const [column, index] of this.indexes)
      index.get(columnOf(entry.after, column))?.delete(entry);
    entry.after = row;
    for (const [column, index] of this.indexes) link(index, column, entry);
  }

  private index(column: string): Map<unknown, Set<Entry<Row>>> {
    const existing = this.indexes.get(column);
    if (existing) return existing;
    const index = new Map<unknown, Set<Entry<Row>>>();
    for (const entries of this.streams.values())
      for (const entry of entries.values()) link(index, column, entry);
    this.indexes.set(column, index);
    return index;
  }
}

function columnOf(row: object | null, column: string): unknown {
  return (row as Record<string, unknown> | null)?.[column];
}

function link<Row extends object>(
  index: Map<unknown, Set<Entry<Row>>>,
  column: string,
  entry: Entry<Row>,
): void {
  if (!entry.after) return;
  const value = columnOf(entry.after, column);
  const entries = index.get(value);
  if (entries) entries.add(entry);
  else index.set(value, new Set([entry]));
}
