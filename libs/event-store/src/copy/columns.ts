import { type ColumnKind } from '@parley/event-sourcing';
import { type BinaryWriter } from './binary-writer.js';

/** What a column of our own tables can hold besides the kinds of read models; `day` counts from 1970-01-01. */
export type StoredKind = ColumnKind | 'bytes' | 'day';

interface Kind {
  /** The PostgreSQL type. */
  readonly type: string;
  /** Writes a value that is not null into a binary COPY. */
  readonly write: (writer: BinaryWriter, value: never) => void;
  /** The column as an expression whose text `read` understands. */
  readonly select: (column: string) => string;
  /** A value from the text of `select`. */
  readonly read: (text: string) => unknown;
  /** A value as the text of an array parameter. */
  readonly param: (value: never) => string;
}

const DAYS_FROM_1970_TO_2000 = 10_957;
const asIs = (column: string) => column;
const text = (value: string) => value;

const KINDS: { readonly [K in StoredKind]: Kind } = {
  uuid: { type: 'uuid', write: (w, v) => w.uuid(v), select: asIs, read: text, param: text },
  text: { type: 'text', write: (w, v) => w.text(v), select: asIs, read: text, param: text },
  json: {
    type: 'json',
    write: (w, v) => w.text(JSON.stringify(v)),
    select: asIs,
    read: (v) => JSON.parse(v) as unknown,
    param: (v) => JSON.stringify(v),
  },
  sha256: {
    type: 'bytea',
    write: (w, v) => w.sha256(v),
    select: (c) => `encode(${c}, 'hex')`,
    read: text,
    param: (v: string) => `\\x${v}`,
  },
  integer: {
    type: 'int',
    write: (w, v) => w.integer(v),
    select: asIs,
    read: Number,
    param: String,
  },
  bigint: {
    type: 'bigint',
    write: (w, v) => w.bigint(v),
    select: asIs,
    read: Number,
    param: String,
  },
  boolean: {
    type: 'boolean',
    write: (w, v) => w.boolean(v),
    select: (c) => `${c}::text`,
    read: (v) => v === 'true',
    param: String,
  },
  timestamp: {
    type: 'timestamptz',
    write: (w, v) => w.timestamp(v),
    select: (c) => `(extract(epoch FROM ${c}) * 1000000)::bigint`,
    read: BigInt,
    param: (v: bigint | number) => timestampText(BigInt(v)),
  },
  bytes: {
    type: 'bytea',
    write: (w, v) => w.bytes(v),
    select: (c) => `encode(${c}, 'base64')`,
    read: (v) => Buffer.from(v, 'base64'),
    param: (v: Buffer) => `\\x${v.toString('hex')}`,
  },
  day: {
    type: 'date',
    write: (w, v: number) => w.integer(v - DAYS_FROM_1970_TO_2000),
    select: (c) => `${c} - date '1970-01-01'`,
    read: Number,
    param: (v: number) => new Date(v * 86_400_000).toISOString().slice(0, 10),
  },
};

/** How a kind of column is kept in PostgreSQL, written and read. */
export function kindOf(kind: StoredKind): Kind {
  return KINDS[kind];
}

/** A name as SQL takes it, whatever characters it has. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

// to_timestamp() and intervals count in floating point and lose microseconds in far years; text is exact.
function timestampText(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - fraction) / 1000n));
  const digits = String(fraction).padStart(6, '0');
  const iso = seconds.toISOString().slice(0, -5);
  // PostgreSQL knows no year 0: it is 1 BC.
  return iso.startsWith('0000') ? `0001${iso.slice(4)}.${digits}Z BC` : `${iso}.${digits}Z`;
}
