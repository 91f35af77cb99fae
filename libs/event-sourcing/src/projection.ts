import { type Event, type Recorded } from './event.js';

/**
 * What a column of a read model holds, and its form in a row object:
 * `uuid`, `text` string · `json` any JSON value, its text kept as written · `sha256` lower-case hex string ·
 * `integer`, `bigint` number (safe integers only) · `boolean` · `timestamp` bigint, microseconds since 1970.
 */
export type ColumnKind =
  'uuid' | 'text' | 'json' | 'sha256' | 'integer' | 'bigint' | 'boolean' | 'timestamp';

/** One column; not null unless it says so. */
export interface Column {
  readonly kind: ColumnKind;
  readonly nullable?: true;
}

/** A row of a read model always belongs to one stream. */
export interface StreamRow {
  readonly stream_id: string;
}

/**
 * A read model as a value: its table and the pure function that derives its rows from the log alone.
 *
 * The primary key is `stream_id`, followed by `item` where a stream has many rows. An event touches the rows that
 * `touches` names by item (`['']` where there is no item column); `'all'` means every row of its stream, which
 * `project` must then end by answering null. `project` answers the row after the event, or null for no row.
 */
export interface ReadModel<Row extends StreamRow = StreamRow, E extends Event = Event> {
  readonly table: string;
  readonly columns: { readonly [Name in keyof Row & string]: Column };
  readonly item?: string;
  /** Its rows are made by one event and never touched by another, so none has to be read before. */
  readonly isWriteOnce?: true;
  readonly unique?: readonly (readonly string[])[];
  readonly indexes?: readonly (readonly string[])[];
  touches(event: Recorded<E>): readonly string[] | 'all';
  project(row: Row | null, event: Recorded<E>, item: string): Row | null;
}

/**
 * The read models of one version. What their tables hold, or what is derived from an event, never changes within a
 * version: such a change makes the next one, beside which this one stays known until no database has it any more.
 */
export interface ReadModelVersion {
  readonly version: number;
  readonly models: readonly ReadModel[];
  /** The types of events that they understand; any other must stop whoever derives rows from a log, never be skipped. */
  readonly events: readonly string[];
}
