import { setImmediate } from 'node:timers/promises';
import { type ClientBase } from 'pg';
import copyStreams, { type CopyStreamQuery } from 'pg-copy-streams';
import { BinaryWriter, recycle } from './binary-writer.js';
import { kindOf, quoted } from './columns.js';
import { type Table } from './table-rows.js';

/** Bytes for one table, to be sent by COPY; encoded no sooner than asked for. */
export interface Copy {
  readonly into: string;
  readonly slices: Iterator<Buffer, void>;
}

// PostgreSQL starts on the first slice while the next is encoded.
const SLICE_BYTES = 64 * 1024;

/** A COPY of `rows` into `columns` of a table, each row written by `write`. */
export function copyOf<Row>(
  name: string,
  columns: readonly string[],
  rows: readonly Row[],
  write: (writer: BinaryWriter, row: Row) => void,
): Copy {
  return {
    into: `${name} (${columns.map(quoted).join(', ')})`,
    slices: encode(columns.length, rows, write),
  };
}

/** A COPY of `rows` into a table, columns written by their kinds. */
export function copyRows<Row>(table: Table<Row>, rows: readonly Row[]): Copy {
  const names = table.columns.map(([name]) => name);
  const writers = table.columns.map(([, kind]) => kindOf(kind).write);
  return copyOf(table.name, names, rows, (writer, row) => {
    for (let i = 0; i < names.length; i++) {
      const value = row[names[i]!];
      if (value === null || value === undefined) writer.null();
      else writers[i]!(writer, value as never);
    }
  });
}

function* encode<Row>(
  fields: number,
  rows: readonly Row[],
  write: (writer: BinaryWriter, row: Row) => void,
): Generator<Buffer, void> {
  const writer = new BinaryWriter();
  writer.signature();
  for (const row of rows) {
    writer.startRow(fields);
    write(writer, row);
    if (writer.length >= SLICE_BYTES) yield writer.take();
  }
  writer.trailer();
  yield writer.take();
}

/**
 * Sends the copies one after the other. While PostgreSQL is still busy with one table the next is being encoded, so
 * client and server work at the same time.
 */
export async function sendCopies(client: ClientBase, copies: readonly Copy[]): Promise<void> {
  let previous: Promise<void> = Promise.resolve();
  for (const { into, slices } of copies) {
    const ahead = await encodeDuring(previous, slices);
    const sending = new Sending(client, into);
    await sending.pump(ahead, slices);
    previous = sending.done;
  }
  await previous;
}

/** Waits for `work`; at least one slice is encoded meanwhile, unless there is none. */
async function encodeDuring(work: Promise<void>, slices: Iterator<Buffer, void>) {
  let isBusy = true;
  const idle = work.finally(() => (isBusy = false));
  idle.catch(() => undefined);
  const encoded: Buffer[] = [];
  do {
    const slice = slices.next();
    if (slice.done) break;
    encoded.push(slice.value);
    await setImmediate();
  } while (isBusy);
  await idle;
  return encoded;
}

/** One COPY under way. */
class Sending {
  readonly done: Promise<void>;
  private readonly stream: CopyStreamQuery;
  private readonly sent: Buffer[] = [];
  private hasFailed = false;

  constructor(client: ClientBase, into: string) {
    this.stream = client.query(copyStreams.from(`COPY ${into} FROM STDIN (FORMAT binary)`));
    this.done = new Promise<void>((resolve, reject) => {
      this.stream.once('finish', () => {
        this.sent.forEach(recycle);
        resolve();
      });
      this.stream.once('error', (error) => {
        this.hasFailed = true;
        reject(error);
      });
    });
    // Awaited later; until then a failure must not count as unhandled.
    this.done.catch(() => undefined);
  }

  /** Encodes and writes everything; PostgreSQL may be at it for longer. A stream that has failed takes no more. */
  async pump(ahead: readonly Buffer[], slices: Iterator<Buffer, void>): Promise<void> {
    try {
      for (const slice of ahead) this.write(slice);
      await setImmediate();
      for (let next = slices.next(); !next.done && !this.hasFailed; next = slices.next()) {
        this.write(next.value);
        await setImmediate();
      }
      if (!this.hasFailed) this.stream.end();
    } catch (error) {
      // The server must be told, or the connection would stay in COPY for ever.
      if (!this.hasFailed) this.stream.destroy(error as Error);
      await this.done.catch(() => undefined);
      throw error;
    }
  }

  private write(slice: Buffer): void {
    this.stream.write(slice);
    this.sent.push(slice);
  }
}
