import { type DeliveredRecord } from '../bus.js';
import { headerValue, newHeaders } from '../headers.js';
import { ByteCursor } from './byte-cursor.js';
import { expand } from './codecs.js';
import { UndecodableError } from './undecodable.js';

// After Kafka's message format, kafka.apache.org/documentation/#recordbatch.
/** Bytes of a batch before those that its length counts: base offset and length. */
export const BATCH_PREFIX_BYTES = 12;
/** With the prefix, the bytes that batches of all formats have in common. */
export const BATCH_HEAD_BYTES = 17;
const MAGIC_AT = 16;
const MAGIC = 2;
const CODEC_MASK = 0x07;
const APPEND_TIME_MASK = 0x08;
const TRANSACTIONAL_MASK = 0x10;
const CONTROL_MASK = 0x20;
/** The largest default among clients is librdkafka's 10,000; each takes room in memory whatever it holds. */
const MAX_RECORDS = 100_000;
/** Above that, the bytes of an undecodable batch are not kept. */
const MAX_KEPT_BYTES = 1024 * 1024 + 64 * 1024;

/** A message in the shape in which kafkajs takes it on, and the reason where it stands for a whole batch. */
export interface FetchedMessage {
  readonly undecodable?: string;
  readonly offset: string;
  readonly timestamp: string;
  readonly attributes: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: DeliveredRecord['headers'];
  readonly size: number;
  /** The lowest offset that its partition still had when it was read. */
  readonly logStart: number;
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

interface BatchHeader {
  readonly logStart: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly attributes: number;
  readonly firstTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: string;
}

/** What a batch holds, and how many bytes that takes. */
export interface DecodedBatch {
  readonly messages: readonly FetchedMessage[];
  readonly bytes: number;
}

/** Reads a batch, given whole from its prefix on. Never throws: a batch that can't be read is one message. */
export async function decodeBatch(batch: Buffer, logStart: number): Promise<DecodedBatch> {
  let context = unreadHeader(batch, logStart);
  try {
    if (batch[MAGIC_AT] !== MAGIC)
      throw new UndecodableError(`message format ${batch[MAGIC_AT]} is unknown`);
    const header = headerOf(batch, logStart);
    context = header;
    if (header.count < 0 || header.count > MAX_RECORDS)
      throw new UndecodableError(`more than ${MAX_RECORDS} records in a batch`);
    const bytes = await expand(header.attributes & CODEC_MASK, header.records);
    const cursor = new ByteCursor(bytes);
    const messages = Array.from({ length: header.count }, () => decodeRecord(cursor, header));
    return { messages, bytes: bytes.length };
  } catch (error) {
    const reason = error instanceof UndecodableError ? error.message : 'damaged';
    return { messages: [undecodable(batch, context, reason)], bytes: batch.length };
  }
}

/** What is known of a batch of any format. */
function unreadHeader(batch: Buffer, logStart: number): BatchHeader {
  const baseOffset = Number(batch.readBigInt64BE(0));
  return {
    ...{ logStart, baseOffset, lastOffset: baseOffset, attributes: 0 },
    ...{ firstTimestamp: -1, maxTimestamp: -1, producerId: '-1' },
  };
}

function headerOf(batch: Buffer, logStart: number) {
  const cursor = new ByteCursor(batch);
  const baseOffset = Number(cursor.int64());
  // Length, leader epoch, magic and checksum, which the broker has verified.
  cursor.take(13);
  const attributes = cursor.int16();
  const lastOffset = baseOffset + cursor.int32();
  const firstTimestamp = Number(cursor.int64());
  const maxTimestamp = Number(cursor.int64());
  const producerId = String(cursor.int64());
  // The producer's epoch and sequence.
  cursor.take(6);
  const count = cursor.int32();
  return {
    ...{ baseOffset, lastOffset, attributes, firstTimestamp, maxTimestamp, producerId, count },
    logStart,
    records: cursor.take(cursor.left),
  };
}

function decodeRecord(cursor: ByteCursor, batch: BatchHeader): FetchedMessage {
  const end = cursor.varint() + cursor.at;
  const attributes = cursor.int8();
  const timestamp = batch.firstTimestamp + cursor.varint();
  const offset = batch.baseOffset + cursor.varint();
  const isAppendTime = (batch.attributes & APPEND_TIME_MASK) > 0;
  const message: FetchedMessage = {
    ...forKafkajs(batch),
    offset: String(offset),
    timestamp: String(isAppendTime ? batch.maxTimestamp : timestamp),
    attributes,
    key: cursor.takeNullable(cursor.varint()),
    value: cursor.takeNullable(cursor.varint()),
    headers: decodeHeaders(cursor),
  };
  if (cursor.at !== end) throw new UndecodableError('damaged: a record of another length');
  if (offset < batch.baseOffset || offset > batch.lastOffset)
    throw new UndecodableError('damaged: an offset outside of its batch');
  return message;
}

/** Of a header that came more than once the last counts. */
function decodeHeaders(cursor: ByteCursor): FetchedMessage['headers'] {
  const count = cursor.varint();
  if (count === 0) return {};
  // A header takes two bytes at least: no damaged count makes a long loop.
  if (count < 0 || 2 * count > cursor.left) throw new UndecodableError('damaged: headers');
  const headers = newHeaders();
  for (let read = 0; read < count; read++) {
    const name = cursor.take(cursor.varint()).toString();
    const value = cursor.takeNullable(cursor.varint());
    headers[name] = value === null ? undefined : headerValue(value);
  }
  return headers;
}

function undecodable(batch: Buffer, header: BatchHeader, reason: string): FetchedMessage {
  const { baseOffset, lastOffset, maxTimestamp } = header;
  const which = baseOffset === lastOffset ? '' : ` (offsets ${baseOffset} to ${lastOffset})`;
  return {
    ...forKafkajs(header),
    undecodable: reason + which,
    offset: String(lastOffset),
    timestamp: String(maxTimestamp),
    attributes: 0,
    key: null,
    // A copy: the answer that these bytes are part of need not be kept as long.
    value: batch.length > MAX_KEPT_BYTES ? null : Buffer.from(batch),
    headers: {},
  };
}

/** By these kafkajs leaves out its own records and those of transactions that were given up. */
function forKafkajs({ attributes, producerId, logStart }: BatchHeader) {
  return {
    logStart,
    isControlRecord: (attributes & CONTROL_MASK) > 0,
    batchContext: { producerId, inTransaction: (attributes & TRANSACTIONAL_MASK) > 0 },
    size: 0,
  };
}
