import kafkajs, {
  type Consumer,
  type EachBatchPayload,
  type IMemberAssignment,
  type Kafka,
} from 'kafkajs';
import { type ConsumeOptions, type Consumption } from '../bus.js';
import { endedWithin } from '../bounded.js';
import { ConsumptionState } from '../consumption-state.js';
import { PartitionWorker, type WorkerSettings } from '../partition-worker.js';
import { type RegisteredTopic, TopicRecreatedError } from '../topic-registry.js';
import { deliveredRecord } from './delivered-record.js';
import { type KafkaBusOptions, RETRY } from './kafka-client.js';
import { subscriptionAssigner } from './subscription-assigner.js';

// Together 15 s, so that a service stops within 25.
const HANDLED_WITHIN_MS = 10_000;
const LEFT_WITHIN_MS = 5_000;
const COMMIT_EVERY_MS = 1_000;

/** What a consumption needs of its bus. */
export interface KafkaConsumptionParts {
  readonly kafka: Kafka;
  readonly busId: string;
  readonly options: KafkaBusOptions;
  readonly topic: (topic: string) => Promise<RegisteredTopic>;
}

/**
 * One member of a group. kafkajs fetches the next records of any partition only after it has got back the last ones of
 * all: so its callback hands records to a worker for each partition and returns at once, heartbeats go on however long
 * a handler takes, and a partition whose worker has no room is paused. Offsets are committed after the handler.
 */
export class KafkaConsumption implements Consumption {
  private readonly state: ConsumptionState;
  private readonly settings: WorkerSettings;
  private readonly consumer: Consumer;
  private readonly committed = new Map<string, number>();
  private readonly committer: NodeJS.Timeout;
  private workers = new Map<string, PartitionWorker>();
  private assigning: Promise<void> = Promise.resolve();
  private isAssigned = false;
  private stopped?: Promise<void>;

  constructor(
    private readonly parts: KafkaConsumptionParts,
    private readonly options: ConsumeOptions,
  ) {
    this.state = new ConsumptionState(options, parts.options.backoff);
    this.settings = this.state.workerSettings(
      (worker) => this.resume(worker),
      (error) => this.die(error),
    );
    this.consumer = this.openConsumer();
    this.committer = setInterval(() => void this.commit(), COMMIT_EVERY_MS);
  }

  get failed(): Promise<Error> {
    return this.state.failed;
  }

  async start(): Promise<void> {
    const { topics } = this.options;
    this.listen();
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [...topics], fromBeginning: true });
    const known = await Promise.all(topics.map((topic) => this.parts.topic(topic)));
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: known.reduce((sum, { partitions }) => sum + partitions, 0),
      eachBatch: (payload) => this.accept(payload),
    });
  }

  stop(): Promise<void> {
    this.stopped ??= this.shutDown();
    return this.stopped;
  }

  private openConsumer(): Consumer {
    const {
      sessionTimeoutMs = 30_000,
      heartbeatMs = 3_000,
      maxWaitMs = 250,
    } = this.parts.options.timing ?? {};
    return this.parts.kafka.consumer({
      groupId: this.options.group,
      partitionAssigners: [subscriptionAssigner],
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatMs,
      maxWaitTimeInMs: maxWaitMs,
      allowAutoTopicCreation: false,
      retry: { ...RETRY, restartOnFailure: async () => !this.state.isStopping },
    });
  }

  private listen(): void {
    const { GROUP_JOIN, REBALANCING, CRASH } = this.consumer.events;
    this.consumer.on(GROUP_JOIN, ({ payload }) => {
      this.isAssigned = false;
      this.assigning = this.assign(payload.memberAssignment);
      this.assigning.catch(() => undefined);
    });
    // The last chance to say how far this member is before its partitions may go to another one.
    this.consumer.on(REBALANCING, () => void this.commit());
    // With `restart` kafkajs goes on by itself, as at the first use of a group on a new broker.
    this.consumer.on(CRASH, ({ payload }) => {
      if (!payload.restart && !this.state.isStopping) this.die(payload.error);
    });
  }

  private async assign(assignment: IMemberAssignment): Promise<void> {
    const before = this.workers;
    const now = new Map<string, PartitionWorker>();
    for (const [topic, partitions] of Object.entries(assignment)) {
      const { incarnation } = await this.parts.topic(topic);
      for (const partition of partitions) {
        const kept = before.get(keyOf(topic, partition));
        const isSame = kept?.source.incarnation === incarnation;
        const worker = isSame ? kept : this.newWorker(topic, partition, incarnation);
        now.set(keyOf(topic, partition), worker);
      }
    }
    this.workers = now;
    this.committed.clear();
    this.isAssigned = true;
    for (const worker of now.values()) this.resume(worker);
    for (const [key, worker] of before) if (now.get(key) !== worker) void worker.abandon();
  }

  private newWorker(topic: string, partition: number, incarnation: number): PartitionWorker {
    const { busId } = this.parts;
    const source = { bus: busId, incarnation, group: this.options.group, topic, partition };
    return new PartitionWorker(source, 0, this.settings);
  }

  private async accept(payload: EachBatchPayload): Promise<void> {
    try {
      await this.assigning;
      const { topic, partition, messages, highWatermark } = payload.batch;
      const key = keyOf(topic, partition);
      const first = Number(messages[0]!.offset);
      let worker = this.workers.get(key);
      if (worker && first < worker.next)
        worker = await this.afterStepBack(worker, Number(highWatermark));
      if (!worker || this.state.isStopping) return;
      worker.offer(messages.map(deliveredRecord), Number(highWatermark));
      payload.resolveOffset(payload.batch.lastOffset());
      if (!worker.hasRoom) payload.pause();
    } catch (cause) {
      // Whatever is not kafkajs's own, and any native error, would end the consumer for good.
      throw new kafkajs.KafkaJSError(cause as Error, { retriable: true });
    }
  }

  /** Offsets go back when uncommitted records are fetched anew, and when the topic was made anew. */
  private async afterStepBack(
    worker: PartitionWorker,
    highWater: number,
  ): Promise<PartitionWorker | undefined> {
    const { topic, partition, incarnation } = worker.source;
    const now = await this.parts.topic(topic);
    if (now.incarnation === incarnation && highWater >= worker.next) return worker;
    if (now.incarnation === incarnation) return void this.die(recreated(worker, highWater));
    const fresh = this.newWorker(topic, partition, now.incarnation);
    this.workers.set(keyOf(topic, partition), fresh);
    this.committed.delete(keyOf(topic, partition));
    void worker.abandon();
    return fresh;
  }

  private resume({ hasRoom, source: { topic, partition } }: PartitionWorker): void {
    if (!hasRoom || this.state.isStopping) return;
    try {
      this.consumer.resume([{ topic, partitions: [partition] }]);
    } catch {
      // kafkajs is between a crash and its restart, after which nothing is paused.
    }
  }

  private async commit(): Promise<void> {
    if (!this.isAssigned) return;
    const offsets = [...this.workers]
      .filter(([key, { handled }]) => handled !== null && handled !== this.committed.get(key))
      .map(([key, { handled, source }]) => ({ key, handled: handled!, source }));
    if (offsets.length === 0) return;
    try {
      await this.consumer.commitOffsets(
        offsets.map(({ handled, source: { topic, partition } }) => ({
          ...{ topic, partition },
          offset: String(handled),
        })),
      );
      for (const { key, handled } of offsets) this.committed.set(key, handled);
    } catch {
      // A hint that got lost: at worst the records come once more.
    }
  }

  private die(error: Error): void {
    this.state.fail(error);
    void this.stop();
  }

  private async shutDown(): Promise<void> {
    this.state.stop();
    clearInterval(this.committer);
    const workers = [...this.workers.values()];
    await endedWithin(HANDLED_WITHIN_MS, Promise.all(workers.map((worker) => worker.abandon())));
    const leave = this.commit().then(() => this.consumer.disconnect());
    await endedWithin(LEFT_WITHIN_MS, leave);
  }
}

function recreated({ next, source }: PartitionWorker, highWater: number): TopicRecreatedError {
  return new TopicRecreatedError(
    `${source.topic}/${source.partition} ends at ${highWater}, but was read up to ${next}: ` +
      'it was re-created outside of Parley',
  );
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
