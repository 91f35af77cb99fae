const PG_EPOCH_MICROS = 946_684_800_000_000;
const TWO_32 = 2 ** 32;
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');

const NIBBLES = new Int8Array(128).fill(-1);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  NIBBLES[digit.charCodeAt(0)] = value;
  NIBBLES[digit.toUpperCase().charCodeAt(0)] = value;
}

const CAPACITY = 96 * 1024;
const MAX_SPARE = 64;
const spare: Buffer[] = [];

function allocate(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(CAPACITY);
}

/** Gives back what `take` handed out, once nobody reads it: fresh memory every time costs a garbage collection a chunk. */
export function recycle(bytes: Buffer): void {
  if (bytes.buffer.byteLength === CAPACITY && spare.length < MAX_SPARE)
    spare.push(Buffer.from(bytes.buffer));
}

/**
 * Writes the binary form of PostgreSQL's COPY into memory: every field is an int32 length (-1 for null) and its bytes.
 * The same framing is what the digests of the log are taken over. Times are microseconds since 1970.
 */
export class BinaryWriter {
  private buffer = allocate();
  private end = 0;

  get length(): number {
    return this.end;
  }

  /** The bytes written from `start` on; valid until the next write. */
  since(start: number): Buffer {
    return this.buffer.subarray(start, this.end);
  }

  /** Hands the bytes over and goes on with fresh memory. */
  take(): Buffer {
    const bytes = this.buffer.subarray(0, this.end);
    this.buffer = allocate();
    this.end = 0;
    return bytes;
  }

  clear(): void {
    this.end = 0;
  }

  signature(): void {
    this.raw(SIGNATURE);
  }

  trailer(): void {
    this.reserve(2);
    this.end = this.buffer.writeInt16BE(-1, this.end);
  }

  startRow(fields: number): void {
    this.reserve(2);
    this.end = this.buffer.writeInt16BE(fields, this.end);
  }

  null(): void {
    this.int32(-1);
  }

  boolean(value: boolean): void {
    this.int32(1);
    this.reserve(1);
    this.end = this.buffer.writeInt8(value ? 1 : 0, this.end);
  }

  integer(value: number): void {
    this.int32(4);
    this.int32(value);
  }

  bigint(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError('not a safe integer');
    this.int32(8);
    this.int64(value);
  }

  timestamp(micros: bigint | number): void {
    this.int32(8);
    const near = Number(micros) - PG_EPOCH_MICROS;
    // The moments of our days are exact as numbers, and much cheaper so.
    if (Number.isSafeInteger(Number(micros)) && Number.isSafeInteger(near)) return this.int64(near);
    this.reserve(8);
    const far = BigInt(micros) - BigInt(PG_EPOCH_MICROS);
    this.end = this.buffer.writeBigInt64BE(far, this.end);
  }

  uuid(value: string): void {
    this.reserve(20);
    const at = this.buffer.writeInt32BE(16, this.end);
    let from = 0;
    let seen = value.length === 36 ? 0 : -1;
    for (let i = 0; i < 16; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) from++;
      const high = NIBBLES[value.charCodeAt(from)] ?? -1;
      const low = NIBBLES[value.charCodeAt(from + 1)] ?? -1;
      seen |= high | low;
      this.buffer[at + i] = (high << 4) | low;
      from += 2;
    }
    if (seen < 0) throw new RangeError('not a uuid');
    this.end = at + 16;
  }

  sha256(hex: string): void {
    this.reserve(36);
    const at = this.buffer.writeInt32BE(32, this.end);
    if (hex.length !== 64 || this.buffer.write(hex, at, 'hex') !== 32)
      throw new RangeError('not a SHA-256 in hex');
    this.end = at + 32;
  }

  bytes(value: Uint8Array): void {
    this.int32(value.length);
    this.raw(value);
  }

  /** Bytes without a length before them. */
  raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.buffer.set(value, this.end);
    this.end += value.length;
  }

  /** UTF-8. A lone surrogate is refused: writing it would change it to U+FFFD without a word. */
  text(value: string): void {
    if (!value.isWellFormed()) throw new RangeError('lone surrogate in a text');
    this.reserve(4 + value.length * 3);
    const written = this.buffer.write(value, this.end + 4);
    this.buffer.writeInt32BE(written, this.end);
    this.end += 4 + written;
  }

  private int64(value: number): void {
    const high = Math.floor(value / TWO_32);
    this.int32(high);
    this.reserve(4);
    this.end = this.buffer.writeUInt32BE(value - high * TWO_32, this.end);
  }

  private int32(value: number): void {
    this.reserve(4);
    this.end = this.buffer.writeInt32BE(value, this.end);
  }

  private reserve(bytes: number): void {
    if (this.end + bytes <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.end + bytes));
    this.buffer.copy(grown, 0, 0, this.end);
    this.buffer = grown;
  }
}
