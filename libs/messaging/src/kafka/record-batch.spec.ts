import { promisify } from 'node:util';
import { gzip, zstdCompress } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { compressFrame } from 'lz4-napi';
import { compress } from 'snappy';
import { decodeBatch as decodeFetched } from './record-batch.js';
import { batchOf, recordBytes, STORED_BATCHES } from './record-batch.fixtures.js';

const decodeBatch = (batch: Buffer) => decodeFetched(batch, 0);

const MIB = 1024 * 1024;
const COMPRESSORS: readonly [string, number, (bytes: Buffer) => Promise<Buffer>][] = [
  ['gzip', 1, promisify<Buffer, Buffer>(gzip)],
  ['snappy', 2, (bytes) => compress(bytes)],
  ['lz4', 3, (bytes) => compressFrame(bytes)],
  ['zstd', 4, promisify<Buffer, Buffer>(zstdCompress)],
];
const THREE = recordBytes([{ value: Buffer.from('a') }, { value: Buffer.from('b') }, {}]);

/** A batch of three at offset 40, so up to 42. */
const threeOf = (records: Buffer, attributes = 0) =>
  batchOf(records, { baseOffset: 40, count: 3, attributes });

describe('a batch of records', () => {
  it.each(STORED_BATCHES)('is read as %s sends it with %s', async (_, _codec, base64) => {
    const { messages } = await decodeBatch(Buffer.from(base64, 'base64'));
    expect(messages.map(({ offset }) => offset)).toEqual(['0', '1', '2']);
    expect(messages.map(({ key }) => String(key))).toEqual(['key-0', 'key-1', 'key-2']);
    for (const [n, { value }] of messages.entries())
      expect(String(value)).toMatch(new RegExp(`^(value ${n} ){40}$`));
    for (const { headers } of messages) expect(Object.keys(headers)).toEqual(['n']);
  });

  it.each(STORED_BATCHES)(
    'of %s with %s is read or is one undecodable message, whichever byte is damaged',
    async (_, _codec, base64) => {
      const whole = Buffer.from(base64, 'base64');
      for (let at = 17; at < whole.length; at++) {
        const damaged = Buffer.from(whole);
        damaged[at]! ^= 0xff;
        const { messages } = await decodeBatch(damaged);
        if (messages.length !== 3) expect(messages).toMatchObject([{ key: null, value: damaged }]);
      }
    },
  );

  it('has the last value of a header that came more than once, and none for one without', async () => {
    const headers = [
      ['twice', Buffer.from('1')],
      ['twice', Buffer.from('2')],
      ['none', null],
      ['__proto__', Buffer.from('3')],
      ['bytes', Buffer.from([0xff])],
    ] as const;
    const { messages } = await decodeBatch(batchOf(recordBytes([{ headers }])));
    expect(Object.entries(messages[0]!.headers)).toEqual([
      ['twice', '2'],
      ['none', undefined],
      ['__proto__', '3'],
      ['bytes', Buffer.from([0xff])],
    ]);
  });

  it('has the times of its records, or the broker’s where the topic wants that', async () => {
    const sent = await decodeBatch(threeOf(THREE));
    expect(sent.messages.map(({ timestamp }) => timestamp)).toEqual(['1000', '1000', '1000']);
    const appended = await decodeBatch(threeOf(THREE, 0x08));
    expect(appended.messages.map(({ timestamp }) => timestamp)).toEqual(['2000', '2000', '2000']);
  });

  it('says which records are Kafka’s own and which belong to a transaction', async () => {
    const { messages } = await decodeBatch(threeOf(THREE, 0x30));
    const batchContext = { producerId: '-1', inTransaction: true };
    for (const message of messages)
      expect(message).toMatchObject({ isControlRecord: true, batchContext });
  });

  it('may hold a record with more headers than anyone sends, and is read quickly', async () => {
    const headers = Array.from({ length: 90_000 }, (_, n) => [`${n}`, null] as const);
    const { messages } = await decodeBatch(batchOf(recordBytes([{ headers }])));
    expect(Object.keys(messages[0]!.headers)).toHaveLength(90_000);
  });
});

describe('a batch that can’t be read', () => {
  it.each([
    ['an unknown codec', threeOf(THREE, 5), 'codec 5 is unknown'],
    ['bytes that are not gzip', threeOf(THREE, 1), 'gzip: damaged'],
    ['bytes that are not snappy', threeOf(THREE, 2), 'snappy: damaged'],
    ['bytes that are not lz4', threeOf(THREE, 3), 'lz4: damaged'],
    ['bytes that are not zstd', threeOf(THREE, 4), 'zstd: damaged'],
    ['fewer records than it says', threeOf(recordBytes([{}])), 'damaged: a field reaches'],
    ['no bytes at all', threeOf(Buffer.alloc(0)), 'damaged: a field reaches beyond the end'],
    ['a record of another length', threeOf(Buffer.alloc(40, 6)), 'damaged: '],
    ['a number without an end', threeOf(Buffer.alloc(40, 0xff)), 'damaged: a number without'],
  ])('with %s is one message at its last offset', async (_, batch, reason) => {
    const { messages } = await decodeBatch(batch);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ offset: '42', key: null, headers: {}, value: batch });
    expect(messages[0]!.undecodable).toContain(reason);
    expect(messages[0]!.undecodable).toContain('offsets 40 to 42');
  });

  it('of an old format is one message at its first offset, for no more is known', async () => {
    const batch = batchOf(THREE, { magic: 1, baseOffset: 40 });
    const { messages } = await decodeBatch(batch);
    expect(messages).toMatchObject([{ offset: '40', undecodable: 'message format 1 is unknown' }]);
  });

  it('because it says that it has more records than memory has room for is one message', async () => {
    const { messages } = await decodeBatch(batchOf(THREE, { count: 100_001 }));
    expect(messages).toMatchObject([{ offset: '100000' }]);
    expect(messages[0]!.undecodable).toContain('more than 100000 records');
  });

  it('because a header’s count is damaged is one message', async () => {
    const record = Buffer.from([0x0e, 0, 0, 0, 1, 1, 0xfe, 0x7f]);
    const { messages } = await decodeBatch(batchOf(record));
    expect(messages).toMatchObject([{ undecodable: 'damaged: headers' }]);
  });

  it.each(COMPRESSORS)('of %s expands to 32 MiB at most', async (name, attributes, pack) => {
    const sized = (bytes: number) => recordBytes([{ value: Buffer.alloc(bytes, ' ') }]);
    const legal = await decodeBatch(batchOf(await pack(sized(31 * MIB)), { attributes }));
    expect(legal.messages[0]!.value).toHaveLength(31 * MIB);
    const bomb = await decodeBatch(batchOf(await pack(sized(33 * MIB)), { attributes }));
    expect(bomb.messages[0]!.undecodable).toBe(`${name}: expands to more than ${32 * MIB} bytes`);
  });

  it('keeps its bytes unless they are more than a broker takes by default', async () => {
    const { messages } = await decodeBatch(batchOf(Buffer.alloc(2 * MIB), { attributes: 7 }));
    expect(messages).toMatchObject([{ undecodable: 'codec 7 is unknown', value: null }]);
  });
});
