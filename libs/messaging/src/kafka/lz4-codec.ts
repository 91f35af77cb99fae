import { decompressFrame } from 'lz4-napi';
import { TooLargeError, UndecodableError } from './undecodable.js';

// After the LZ4 frame format, github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md; numbers are little-endian.
const MAGIC = 0x184d2204;
const FLAGS_AT = 4;
const BLOCK_SIZE_AT = 5;
const HAS_CONTENT_SIZE = 0x08;
const HAS_DICTIONARY_ID = 0x01;
const HAS_BLOCK_CHECKSUMS = 0x10;
const IS_STORED = 0x8000_0000;

/** Expands one LZ4 frame; throws `TooLargeError` above `maxBytes`, which the library itself knows nothing of. */
export async function expandLz4(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  if (mostExpandedBytes(bytes) > maxBytes) throw new TooLargeError(`more than ${maxBytes} bytes`);
  return decompressFrame(bytes);
}

/** The size if every block but the last one is full, as encoders fill them: from the blocks' own headers. */
function mostExpandedBytes(bytes: Buffer): number {
  if (bytes.readUInt32LE(0) !== MAGIC) throw new UndecodableError('no LZ4 frame');
  const flags = bytes[FLAGS_AT]!;
  const blockBytes = 1 << (8 + 2 * ((bytes[BLOCK_SIZE_AT]! >> 4) & 7));
  let at = 7 + (flags & HAS_CONTENT_SIZE ? 8 : 0) + (flags & HAS_DICTIONARY_ID ? 4 : 0);
  let most = 0;
  for (let header = bytes.readUInt32LE(at); header !== 0; header = bytes.readUInt32LE(at)) {
    const isStored = header >= IS_STORED;
    const length = isStored ? header - IS_STORED : header;
    // No byte of a block makes more than 255.
    most += isStored ? length : Math.min(blockBytes, 255 * length);
    at += 4 + length + (flags & HAS_BLOCK_CHECKSUMS ? 4 : 0);
  }
  return most;
}
