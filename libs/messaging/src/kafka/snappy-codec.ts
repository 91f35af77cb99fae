import { uncompress } from 'snappy';
import { ByteCursor } from './byte-cursor.js';
import { TooLargeError } from './undecodable.js';

/** Java's clients cut snappy into blocks behind this mark; the others send one block alone. */
const XERIAL_MARK = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_VERSIONS_BYTES = 8;

/** Expands both kinds of snappy that Kafka's clients send; throws `TooLargeError` above `maxBytes`. */
export async function expandSnappy(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  const blocks = blocksOf(bytes);
  const size = blocks.reduce((sum, block) => sum + expandedSize(block), 0);
  if (size > maxBytes) throw new TooLargeError(`more than ${maxBytes} bytes`);
  const expanded: Buffer[] = [];
  for (const block of blocks)
    expanded.push((await uncompress(block, { asBuffer: true })) as Buffer);
  return expanded.length === 1 ? expanded[0]! : Buffer.concat(expanded);
}

function blocksOf(bytes: Buffer): Buffer[] {
  if (!bytes.subarray(0, XERIAL_MARK.length).equals(XERIAL_MARK)) return [bytes];
  const cursor = new ByteCursor(bytes, XERIAL_MARK.length);
  cursor.take(XERIAL_VERSIONS_BYTES);
  const blocks: Buffer[] = [];
  while (cursor.left > 0) blocks.push(cursor.take(cursor.int32()));
  return blocks;
}

/** A block begins with its expanded size, seven bits a byte, lowest first. */
function expandedSize(block: Buffer): number {
  const cursor = new ByteCursor(block);
  let size = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = cursor.take(1)[0]!;
    size += (byte & 0x7f) * scale;
    if (byte < 0x80) return size;
  }
}
