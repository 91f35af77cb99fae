import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { useBoundedGzip } from './gzip-codec.js';

interface Codec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

describe('the gzip codec', () => {
  let codec: Codec;

  beforeAll(() => {
    useBoundedGzip();
    codec = kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP]() as Codec;
  });

  it('expands what it compressed', async () => {
    const bytes = Buffer.from('again and again and again');
    expect(await codec.decompress(await codec.compress({ buffer: bytes }))).toEqual(bytes);
  });

  it('expands to 64 MiB at most', async () => {
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024));
    await expect(codec.decompress(bomb)).rejects.toMatchObject({ code: 'ERR_BUFFER_TOO_LARGE' });
  });
});
