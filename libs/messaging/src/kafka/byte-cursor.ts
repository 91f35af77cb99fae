import { UndecodableError } from './undecodable.js';

const MAX_VARINT_BYTES = 10;

/** Reads bytes one field after the other, never beyond their end; throws `UndecodableError`. */
export class ByteCursor {
  constructor(
    private readonly bytes: Buffer,
    public at = 0,
  ) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  int8(): number {
    return this.bytes.readInt8(this.advance(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.advance(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.advance(4));
  }

  int64(): bigint {
    return this.bytes.readBigInt64BE(this.advance(8));
  }

  /** A zigzag-coded number; what JavaScript can't count exactly is no offset, time or length that exists. */
  varint(): number {
    let value = 0;
    for (let scale = 1, read = 1; read <= MAX_VARINT_BYTES; scale *= 128, read++) {
      const byte = this.bytes[this.advance(1)]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new UndecodableError('damaged: a number without an end');
  }

  take(length: number): Buffer {
    const from = this.advance(length);
    return this.bytes.subarray(from, from + length);
  }

  /** Null for a length of -1, which is how Kafka writes that there is nothing. */
  takeNullable(length: number): Buffer | null {
    return length === -1 ? null : this.take(length);
  }

  private advance(length: number): number {
    if (length < 0 || length > this.left)
      throw new UndecodableError('damaged: a field reaches beyond the end');
    const from = this.at;
    this.at += length;
    return from;
  }
}
