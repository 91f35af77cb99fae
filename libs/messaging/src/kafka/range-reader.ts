import { randomUUID } from 'node:crypto';
import {
  AssignerProtocol,
  type Consumer,
  type EachBatchPayload,
  type Kafka,
  type PartitionAssigner,
} from 'kafkajs';
import { type DeliveredRecord, type RecordRange } from '../bus.js';
import { endedWithin } from '../bounded.js';
import { CHUNK_LIMITS } from '../consumption-state.js';
import { cutChunk } from '../partition-worker.js';
import { deliveredRecord } from './delivered-record.js';
import { type KafkaBusOptions, RETRY } from './kafka-client.js';
import { explained } from './kafka-errors.js';

const LEFT_WITHIN_MS = 5_000;
// The member has its group to itself: a slow handler must not cost it the partition.
const SESSION_MS = 120_000;

type Handler = (records: readonly DeliveredRecord[]) => Promise<void>;

/** Reads part of a partition once. kafkajs reads as a member of a group only: so this one has a group of its own. */
export class RangeReader {
  private readonly consumer: Consumer;
  private readonly done = Promise.withResolvers<void>();
  private next: number;
  private isOver = false;

  constructor(
    kafka: Kafka,
    { clientId, timing }: KafkaBusOptions,
    private readonly range: RecordRange,
  ) {
    this.next = range.from;
    this.consumer = kafka.consumer({
      groupId: `${clientId}.range.${randomUUID()}`,
      partitionAssigners: [only(range)],
      sessionTimeout: SESSION_MS,
      maxWaitTimeInMs: timing?.maxWaitMs ?? 250,
      allowAutoTopicCreation: false,
      retry: { ...RETRY, restartOnFailure: async () => true },
    });
  }

  async read(handler: Handler, signal?: AbortSignal): Promise<void> {
    const abort = () => this.fail(signal!.reason);
    signal?.addEventListener('abort', abort, { once: true });
    // Before anybody listened.
    if (signal?.aborted) abort();
    try {
      await Promise.race([this.start(handler), this.done.promise]);
      await this.done.promise;
    } finally {
      signal?.removeEventListener('abort', abort);
      await endedWithin(LEFT_WITHIN_MS, this.consumer.disconnect());
    }
  }

  private async start(handler: Handler): Promise<void> {
    const { topic } = this.range;
    this.listen();
    try {
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [topic], fromBeginning: true });
    } catch (cause) {
      throw explained(cause, 'Kafka does not let us read');
    }
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.accept(payload, handler),
    });
  }

  private listen(): void {
    const { topic, partition, to } = this.range;
    const { GROUP_JOIN, END_BATCH_PROCESS, CRASH } = this.consumer.events;
    this.consumer.on(GROUP_JOIN, () =>
      this.consumer.seek({ topic, partition, offset: String(this.next) }),
    );
    // Also told of batches that hold nothing but Kafka's own records, which no callback gets.
    this.consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      if (Number(payload.lastOffset) + 1 >= to) this.done.resolve();
    });
    this.consumer.on(CRASH, ({ payload }) => {
      if (!payload.restart) this.fail(payload.error);
    });
  }

  private async accept(payload: EachBatchPayload, handler: Handler): Promise<void> {
    const { to, maxBytes = CHUNK_LIMITS.maxBytes } = this.range;
    const queue = payload.batch.messages
      .map(deliveredRecord)
      .filter(({ offset }) => offset >= this.next && offset < to);
    try {
      while (queue.length > 0 && !this.isOver) {
        const records = cutChunk(queue, { ...CHUNK_LIMITS, maxBytes });
        await handler(records);
        this.next = records.at(-1)!.offset + 1;
      }
    } catch (error) {
      this.fail(error);
    }
    payload.resolveOffset(payload.batch.lastOffset());
  }

  private fail(error: unknown): void {
    this.isOver = true;
    this.done.reject(error);
  }
}

/** Gives the one member the one partition. */
function only({ topic, partition }: RecordRange): PartitionAssigner {
  const name = 'ParleyRangeAssigner';
  const version = 1;
  const userData = Buffer.alloc(0);
  return () => ({
    ...{ name, version },
    protocol: ({ topics }) => ({
      name,
      metadata: AssignerProtocol.MemberMetadata.encode({ version, topics: [...topics], userData }),
    }),
    assign: async ({ members }) =>
      members.slice(0, 1).map(({ memberId }) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          ...{ version, userData },
          assignment: { [topic]: [partition] },
        }),
      })),
  });
}
