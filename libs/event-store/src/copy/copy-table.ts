import { type ClientBase, type Connection, type Submittable } from 'pg';
import { BinaryWriter, recycle } from './binary-writer.js';
import { kindOf, quoted } from './columns.js';
import { type Table } from './table-rows.js';

/** Rows for one table, to be sent by COPY, as messages of PostgreSQL's protocol; encoded no sooner than asked for. */
export interface Copy {
  readonly into: string;
  readonly messages: Iterable<Buffer>;
}

// PostgreSQL starts on the first message while the next is encoded.
const MESSAGE_BYTES = 64 * 1024;
const COPY_DATA = Buffer.from([0x64, 0, 0, 0, 0]);
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);
const COPY_FAIL = Buffer.from([0x66, 0, 0, 0, 5, 0]);

/** A COPY of `rows` into `columns` of a table, each row written by `write`. */
export function copyOf<Row>(
  name: string,
  columns: readonly string[],
  rows: readonly Row[],
  write: (writer: BinaryWriter, row: Row) => void,
): Copy {
  return {
    into: `${name} (${columns.map(quoted).join(', ')})`,
    messages: encode(columns.length, rows, write),
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
  writer.raw(COPY_DATA);
  writer.signature();
  for (const row of rows) {
    writer.startRow(fields);
    write(writer, row);
    if (writer.length < MESSAGE_BYTES) continue;
    yield takeMessage(writer);
    writer.raw(COPY_DATA);
  }
  writer.trailer();
  yield takeMessage(writer);
}

function takeMessage(writer: BinaryWriter): Buffer {
  const message = writer.take();
  message.writeUInt32BE(message.length - 1, 1);
  return message;
}

/**
 * Sends the copies one after the other, in one round trip: PostgreSQL is busy with the first rows while the others are
 * being encoded, and never waits for us between two tables. `last` is a statement that goes with them; where a copy
 * fails it is not carried out.
 */
export async function sendCopies(
  client: ClientBase,
  copies: readonly Copy[],
  last?: 'COMMIT',
): Promise<void> {
  const statements = copies.map(({ into }) => `COPY ${into} FROM STDIN (FORMAT binary)`);
  if (last) statements.push(last);
  if (statements.length === 0) return;
  await new Promise<void>((resolve, reject) => {
    const sql = statements.join(';');
    client.query(new CopyQuery(sql, allMessages(copies), { resolve, reject }));
  });
}

/** Several COPYs as one query; its `handle…` methods are what pg calls with the server's answers. */
class CopyQuery implements Submittable {
  private readonly sent: Buffer[] = [];
  private isOver = false;
  private refusal?: Error;

  constructor(
    private readonly sql: string,
    private readonly messages: Iterator<Buffer, void>,
    private readonly outcome: { resolve(): void; reject(error: Error): void },
  ) {}

  submit(connection: Connection): void {
    connection.query(this.sql);
    this.pump(connection.stream);
  }

  /** What comes after a failure PostgreSQL ignores. */
  private pump(stream: Connection['stream']): void {
    try {
      for (let next = this.messages.next(); !next.done; next = this.messages.next()) {
        this.sent.push(next.value);
        if (stream.write(next.value)) continue;
        stream.once('drain', () => this.isOver || this.pump(stream));
        return;
      }
    } catch (error) {
      // The server must be told, or the connection would stay in COPY for ever.
      this.refusal = error as Error;
      stream.write(COPY_FAIL);
    }
  }

  handleCopyInResponse(): void {}

  handleCommandComplete(): void {}

  handleError(error: Error): void {
    this.isOver = true;
    this.outcome.reject(this.refusal ?? error);
  }

  handleReadyForQuery(): void {
    this.sent.forEach(recycle);
    this.outcome.resolve();
  }
}

function* allMessages(copies: readonly Copy[]): Generator<Buffer, void> {
  for (const { messages } of copies) {
    yield* messages;
    yield COPY_DONE;
  }
}
