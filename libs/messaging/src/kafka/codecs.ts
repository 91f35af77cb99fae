import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { expandLz4 } from './lz4-codec.js';
import { expandSnappy } from './snappy-codec.js';
import { UndecodableError } from './undecodable.js';

/**
 * Largest batch in memory. Brokers take 1 MiB a batch by default, of which text makes up to some 20 MiB; without a
 * bound 0.4 MB on the wire can be 400 MB here.
 */
export const MAX_EXPANDED_BYTES = 32 * 1024 * 1024;

interface Codec {
  readonly name: string;
  expand(bytes: Buffer, maxBytes: number): Promise<Buffer>;
}

const CODECS: readonly Codec[] = [
  { name: 'uncompressed', expand: async (bytes) => bytes },
  {
    name: 'gzip',
    expand: (bytes, maxOutputLength) =>
      promisify<Buffer, object, Buffer>(gunzip)(bytes, { maxOutputLength }),
  },
  { name: 'snappy', expand: expandSnappy },
  { name: 'lz4', expand: expandLz4 },
  {
    name: 'zstd',
    expand: (bytes, maxOutputLength) =>
      promisify<Buffer, object, Buffer>(zstdDecompress)(bytes, { maxOutputLength }),
  },
];

/** Expands the records of a batch by Kafka's number of the codec; throws `UndecodableError`. */
export async function expand(codec: number, bytes: Buffer): Promise<Buffer> {
  const known = CODECS[codec];
  if (!known) throw new UndecodableError(`codec ${codec} is unknown`);
  try {
    return await known.expand(bytes, MAX_EXPANDED_BYTES);
  } catch (error) {
    const isTooLarge = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    const reason = isTooLarge ? `expands to more than ${MAX_EXPANDED_BYTES} bytes` : 'damaged';
    throw new UndecodableError(`${known.name}: ${reason}`, { cause: error });
  }
}
