import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import kafkajs from 'kafkajs';

const MAX_EXPANDED_BYTES = 64 * 1024 * 1024;

interface Encoder {
  readonly buffer: Buffer;
}

/** kafkajs's own codec expands without a bound: 0.4 MB on the wire can be 400 MB in memory. */
const boundedGzip = {
  compress: (encoder: Encoder) => promisify(gzip)(encoder.buffer),
  decompress: (buffer: Buffer) =>
    promisify<Buffer, object, Buffer>(gunzip)(buffer, { maxOutputLength: MAX_EXPANDED_BYTES }),
};

/** Makes kafkajs use the bounded codec; codecs are global to it. */
export function useBoundedGzip(): void {
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP] = () => boundedGzip;
}
