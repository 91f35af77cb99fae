import kafkajs, { type EachBatchPayload, type IMemberAssignment, type Kafka } from 'kafkajs';
import { type ConsumeOptions, type Consumption } from '../bus.js';
import { endedWithin } from '../bounded.js';
import { ConsumptionState } from '../consumption-state.js';
import { PartitionWorker, type WorkerSettings } from '../partition-worker.js';
import { type RegisteredTopic, TopicRecreatedError } from '../topic-registry.js';
import { deliveredRecord, fetchedMessage } from './delivered-record.js';
import { GroupMember } from './group-member.js';
import { placeOf } from './group-offsets.js';
import { type KafkaBusOptions } from './kafka-client.js';
import { OffsetCommits } from './offset-commits.js';
import { type FetchedMessage } from './record-batch.js';

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
  /** Where the group is, as `committedOffsets` says it. */
  readonly committed: (topics: readonly string[]) => Promise<ReadonlyMap<string, number>>;
}

/**
 * Consumes as one member of a group. kafkajs fetches the next records of any partition only after it has got back the
 * last ones of all: so its callback hands records to a worker for each partition and returns at once, heartbeats go on
 * however long a handler takes, and a partition whose worker has no room is paused. Offsets are committed after the
 * handler.
 */
export class KafkaConsumption implements Consumption {
  private readonly state: ConsumptionState;
  private readonly settings: WorkerSettings;
  private readonly commits = new OffsetCommits();
  private readonly committer: NodeJS.Timeout;
  private member?: GroupMember;
  private topics: ReadonlySet<string> = new Set();
  private workers = new Map<string, PartitionWorker>();
  private assigning: Promise<void> = Promise.resolve();
  private changing: Promise<unknown> = Promise.resolve();
  private isAssigned = false;
  /** Where the group was when this member was given its partitions. */
  private begun: ReadonlyMap<string, number> = new Map();
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
    this.committer = setInterval(() => void this.commit(), COMMIT_EVERY_MS);
  }

  get failed(): Promise<Error> {
    return this.state.failed;
  }

  get silentForMs(): number {
    return this.state.isStopping ? 0 : (this.member?.silentForMs ?? 0);
  }

  start(): Promise<void> {
    return this.subscribe(this.options.topics);
  }

  subscribe(topics: readonly string[]): Promise<void> {
    const changed = this.changing.then(() => this.change(new Set(topics)));
    this.changing = changed.catch(() => undefined);
    return changed;
  }

  stop(): Promise<void> {
    this.stopped ??= this.shutDown();
    return this.stopped;
  }

  /** The new member is connected before the old one leaves: where that fails, all stays as it is. */
  private async change(topics: ReadonlySet<string>): Promise<void> {
    if (topics.size === this.topics.size && [...topics].every((one) => this.topics.has(one)))
      return;
    const next = await this.newMember([...topics]);
    await next?.connect();
    this.topics = topics;
    const left = [...this.workers].filter(([, { source }]) => !topics.has(source.topic));
    await this.abandon(left.map(([, worker]) => worker));
    await this.leave();
    for (const [key] of left) this.workers.delete(key);
    if (this.state.isStopping) return void (await next?.leave());
    this.member = next;
    await next?.join();
  }

  private async newMember(topics: string[]): Promise<GroupMember | undefined> {
    const known = await Promise.all(topics.map((topic) => this.parts.topic(topic)));
    if (known.length === 0) return undefined;
    const settings = {
      ...{ topics, group: this.options.group, timing: this.parts.options.timing },
      partitions: known.reduce((sum, { partitions }) => sum + partitions, 0),
    };
    return new GroupMember(this.parts.kafka, settings, {
      onJoined: (assignment) => {
        this.isAssigned = false;
        this.assigning = this.assign(assignment);
        this.assigning.catch(() => undefined);
      },
      onRebalancing: () => void this.commit(),
      onBatch: (payload) => this.accept(payload),
      onDied: (error) => {
        if (!this.state.isStopping) this.die(error);
      },
    });
  }

  private async assign(assignment: IMemberAssignment): Promise<void> {
    const before = this.workers;
    const now = new Map<string, PartitionWorker>();
    for (const [topic, partitions] of Object.entries(assignment)) {
      const { incarnation } = await this.parts.topic(topic);
      for (const partition of partitions) {
        const kept = before.get(placeOf(topic, partition));
        const isSame = kept?.source.incarnation === incarnation;
        const worker = isSame ? kept : this.newWorker(topic, partition, incarnation);
        now.set(placeOf(topic, partition), worker);
      }
    }
    this.begun = await this.parts.committed(Object.keys(assignment)).catch(() => new Map());
    this.workers = now;
    this.commits.forget();
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
      const key = placeOf(topic, partition);
      const first = Number(messages[0]!.offset);
      let worker = this.workers.get(key);
      if (worker && first < worker.next)
        worker = await this.afterStepBack(worker, Number(highWatermark));
      if (!worker || this.state.isStopping) return;
      this.reportLoss(worker, fetchedMessage(messages[0]!));
      worker.offer(messages.map(deliveredRecord), Number(highWatermark));
      payload.resolveOffset(payload.batch.lastOffset());
      if (!worker.hasRoom) payload.pause();
    } catch (cause) {
      // Whatever is not kafkajs's own, and any native error, would end the consumer for good.
      throw new kafkajs.KafkaJSError(cause as Error, { retriable: true });
    }
  }

  /** A group that has committed nothing may be a new one, which has lost nothing. */
  private reportLoss({ next, source }: PartitionWorker, { logStart }: FetchedMessage): void {
    const from = next || (this.begun.get(placeOf(source.topic, source.partition)) ?? 0);
    if (from > 0 && logStart > from) this.parts.options.onLost?.({ source, from, to: logStart });
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
    this.workers.set(placeOf(topic, partition), fresh);
    this.commits.forget(placeOf(topic, partition));
    void worker.abandon();
    return fresh;
  }

  private resume({ hasRoom, source: { topic, partition } }: PartitionWorker): void {
    if (hasRoom && !this.state.isStopping) this.member?.resume(topic, partition);
  }

  private async commit(): Promise<void> {
    if (this.isAssigned && this.member) await this.commits.commit(this.member, this.workers);
  }

  private die(error: Error): void {
    this.state.fail(error);
    void this.stop();
  }

  private async abandon(workers: readonly PartitionWorker[]): Promise<void> {
    await endedWithin(HANDLED_WITHIN_MS, Promise.all(workers.map((worker) => worker.abandon())));
  }

  /** Says how far this member is, and leaves the group. */
  private async leave(): Promise<void> {
    const { member } = this;
    const left = this.commit().then(() => member?.leave());
    await endedWithin(LEFT_WITHIN_MS, left);
    this.isAssigned = false;
    this.member = undefined;
  }

  private async shutDown(): Promise<void> {
    this.state.stop();
    clearInterval(this.committer);
    await this.abandon([...this.workers.values()]);
    await this.leave();
  }
}

function recreated({ next, source }: PartitionWorker, highWater: number): TopicRecreatedError {
  return new TopicRecreatedError(
    `${source.topic}/${source.partition} ends at ${highWater}, but was read up to ${next}: ` +
      'it was re-created outside of Parley',
  );
}
