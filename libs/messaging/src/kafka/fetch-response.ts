import { createRequire } from 'node:module';
import { ByteCursor } from './byte-cursor.js';
import {
  BATCH_HEAD_BYTES,
  BATCH_PREFIX_BYTES,
  decodeBatch,
  type FetchedMessage,
} from './record-batch.js';

/** kafkajs's module that reads what brokers since 2.3 answer to a fetch; it looks up `decode` at each answer. */
const MODULE = 'kafkajs/src/protocol/requests/fetch/v11/response.js';
/**
 * What one answer may make of itself in memory; whatever comes after that is fetched again. Without it a few kilobytes
 * of batches, none too large by itself, would fill the memory together.
 */
const MAX_BYTES_AT_ONCE = 32 * 1024 * 1024;
/** What a message takes beside its bytes, about. */
const MESSAGE_BYTES = 400;

/**
 * Makes kafkajs read records by our decoder. Its own throws for a batch that it can't read, which ends the consumer or
 * keeps it at that place for ever, and expands a batch without a bound.
 */
export function useOwnFetchDecoding(): void {
  const module = createRequire(import.meta.url)(MODULE) as { decode: typeof decodeFetchResponse };
  module.decode = decodeFetchResponse;
}

/** The answer to a fetch, version 11, in the shape in which kafkajs takes it on. */
export async function decodeFetchResponse(bytes: Buffer) {
  const cursor = new ByteCursor(bytes);
  const budget = { left: MAX_BYTES_AT_ONCE };
  const head = {
    clientSideThrottleTime: cursor.int32(),
    errorCode: cursor.int16(),
    sessionId: cursor.int32(),
    // The broker has throttled nothing: it asks us to.
    throttleTime: 0,
  };
  const responses = await arrayOf(cursor, async () => ({
    topicName: String(cursor.take(cursor.int16())),
    partitions: await arrayOf(cursor, () => decodePartition(cursor, budget)),
  }));
  return { ...head, responses };
}

async function decodePartition(cursor: ByteCursor, budget: Budget) {
  const head = {
    partition: cursor.int32(),
    errorCode: cursor.int16(),
    highWatermark: String(cursor.int64()),
    lastStableOffset: String(cursor.int64()),
    lastStartOffset: String(cursor.int64()),
  };
  const logStart = Number(head.lastStartOffset);
  return {
    ...head,
    abortedTransactions: await arrayOf(cursor, async () => ({
      producerId: String(cursor.int64()),
      firstOffset: String(cursor.int64()),
    })),
    preferredReadReplica: cursor.int32(),
    messages: await decodeBatches(cursor.takeNullable(cursor.int32()), { logStart, budget }),
  };
}

interface Budget {
  left: number;
}

/** An answer may end in the midst of a batch, which is then left for the next one. */
async function decodeBatches(
  bytes: Buffer | null,
  { logStart, budget }: { readonly logStart: number; readonly budget: Budget },
): Promise<FetchedMessage[]> {
  const messages: FetchedMessage[] = [];
  for (let rest = bytes ?? Buffer.alloc(0); rest.length >= BATCH_HEAD_BYTES;) {
    const size = BATCH_PREFIX_BYTES + rest.readInt32BE(8);
    if (size > rest.length || size < BATCH_HEAD_BYTES || budget.left <= 0) break;
    const batch = await decodeBatch(rest.subarray(0, size), logStart);
    for (const message of batch.messages) messages.push(message);
    budget.left -= batch.bytes + MESSAGE_BYTES * batch.messages.length;
    rest = rest.subarray(size);
  }
  return messages;
}

async function arrayOf<T>(cursor: ByteCursor, read: () => Promise<T>): Promise<T[]> {
  const items: T[] = [];
  for (let left = cursor.int32(); left > 0; left--) items.push(await read());
  return items;
}
