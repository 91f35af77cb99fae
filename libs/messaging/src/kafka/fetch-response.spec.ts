import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { decodeFetchResponse } from './fetch-response.js';
import { type FetchedMessage } from './record-batch.js';
import { batchOf, recordBytes } from './record-batch.fixtures.js';

const MIB = 1024 * 1024;
const kafkajsModule = createRequire(import.meta.url)(
  'kafkajs/src/protocol/requests/fetch/v11/response.js',
) as { decode: typeof decodeFetchResponse };

interface Fetched {
  readonly partition: number;
  readonly records: Buffer;
  readonly aborted?: readonly bigint[];
}

/** An answer for one topic, as a broker writes it. */
function answer(partitions: readonly Fetched[]): Buffer {
  const text = Buffer.from('topic');
  return Buffer.concat([
    ...[int32(7), int16(0), int32(9), int32(1), int16(text.length), text, int32(partitions.length)],
    ...partitions.flatMap(({ partition, records, aborted = [] }) => [
      ...[int32(partition), int16(0), int64(90n), int64(80n), int64(5n), int32(aborted.length)],
      ...aborted.flatMap((producer) => [int64(producer), int64(3n)]),
      ...[int32(-1), int32(records.length), records],
    ]),
  ]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

function asKafkajsHasThem({ size, logStart, headers, ...message }: FetchedMessage) {
  expect([size, logStart]).toEqual([0, 5]);
  const bytes = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text!)]);
  return { ...message, headers: Object.fromEntries(bytes) };
}

async function offsetsOf(bytes: Buffer): Promise<string[][]> {
  const { responses } = await decodeFetchResponse(bytes);
  return responses[0]!.partitions.map(({ messages }) => messages.map(({ offset }) => offset));
}

describe('the answer to a fetch', () => {
  const some = recordBytes([
    { key: 'k', value: Buffer.from('v'), headers: [['h', Buffer.from('1')]] },
    { key: null, value: null },
  ]);
  const batch = (baseOffset: number) => batchOf(some, { baseOffset, count: 2 });

  it('is read as kafkajs reads it', async () => {
    const bytes = answer([
      { partition: 0, records: Buffer.concat([batch(3), batch(70)]), aborted: [4n] },
      { partition: 1, records: Buffer.alloc(0) },
    ]);
    const [ours, theirs] = [await decodeFetchResponse(bytes), await kafkajsModule.decode(bytes)];
    const messages = ours.responses[0]!.partitions[0]!.messages;
    expect(messages).toHaveLength(4);
    expect(theirs).toMatchObject({
      ...ours,
      responses: ours.responses.map(({ topicName, partitions }) => ({
        topicName,
        partitions: partitions.map((one) => ({
          ...one,
          messages: one.messages.map(asKafkajsHasThem),
        })),
      })),
    });
  });

  it('may end in the midst of a batch, which is then not there', async () => {
    const records = Buffer.concat([batch(3), batch(5)]);
    const cut = (bytes: number) => answer([{ partition: 0, records: records.subarray(0, bytes) }]);
    expect(await offsetsOf(cut(records.length - 1))).toEqual([['3', '4']]);
    expect(await offsetsOf(cut(batch(3).length + 5))).toEqual([['3', '4']]);
    expect(await offsetsOf(cut(10))).toEqual([[]]);
  });

  it('holds one message for a batch that can’t be read, between its neighbours', async () => {
    const broken = batchOf(some, { baseOffset: 5, count: 20, attributes: 1 });
    const records = Buffer.concat([batch(3), broken, batch(25)]);
    expect(await offsetsOf(answer([{ partition: 0, records }]))).toEqual([
      ['3', '4', '24', '25', '26'],
    ]);
  });

  it('is read as far as memory allows, whatever it expands to, and at least one batch far', async () => {
    const packed = await promisify<Buffer, Buffer>(gzip)(
      recordBytes([{ value: Buffer.alloc(20 * MIB) }]),
    );
    const large = (baseOffset: number) => batchOf(packed, { baseOffset, attributes: 1 });
    const records = Buffer.concat([1, 2, 3, 4].map(large));
    const bytes = answer([
      { partition: 0, records },
      { partition: 1, records },
    ]);
    expect(await offsetsOf(bytes)).toEqual([['1', '2'], []]);
  });
});
