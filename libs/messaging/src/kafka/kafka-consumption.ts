import kafkajs, { type EachBatchPayload, type IMemberAssignment } from 'kafkajs';
import { type ConsumeOptions, type Consumption } from '../bus.js';
import { endedWithin } from '../bounded.js';
import { ConsumptionState } from '../consumption-state.js';
import { PartitionWorker, type WorkerSettings } from '../partition-worker.js';
import { TopicRecreatedError } from '../topic-registry.js';
import { deliveredRecord, fetchedMessage } from './delivered-record.js';
import { placeOf } from './group-offsets.js';
import { type KafkaBusOptions } from './kafka-client.js';
import { Membership, type MembershipParts } from './membership.js';
import { OffsetCommits } from './offset-commits.js';
import { type FetchedMessage } from './record-batch.js';

// With the 5 s for leaving the group 15 s, so that a service stops within 25.
const HANDLED_WITHIN_MS = 10_000;
const COMMIT_EVERY_MS = 1_000;

/** What a consumption needs of its bus. */
export interface KafkaConsumptionParts extends Pick<
  MembershipParts,
  'kafka' | 'topic' | 'existing'
> {
  readonly busId: string;
  readonly options: KafkaBusOptions;
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
  private readonly membership: Membership;
  private workers = new Map<string, PartitionWorker>();
  private assigning: Promise<void> = Promise.resolve();
  private isAssigned = false;
  /** Where the group was when this member was given its partitions, before kafkajs moves it to what is still there. */
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
    this.membership = this.openMembership();
    this.committer = setInterval(() => {
      if (!this.commits.isUnderWay) void this.commit();
    }, COMMIT_EVERY_MS);
  }

  get failed(): Promise<Error> {
    return this.state.failed;
  }

  get silentForMs(): number {
    return this.state.isStopping ? 0 : (this.membership.current?.silentForMs ?? 0);
  }

  start(): Promise<void> {
    return this.subscribe(this.options.topics);
  }

  subscribe(topics: readonly string[]): Promise<void> {
    return this.membership.subscribe(topics);
  }

  stop(): Promise<void> {
    this.stopped ??= this.shutDown();
    return this.stopped;
  }

  private openMembership(): Membership {
    const { kafka, topic, existing } = this.parts;
    const { timing } = this.parts.options;
    const { group } = this.options;
    return new Membership(
      { kafka, topic, existing, group, timing },
      {
        onJoined: (assignment) => {
          this.isAssigned = false;
          this.assigning = this.assign(assignment);
          return this.assigning;
        },
        onKept: (topics) => this.keepOnly(topics),
        onHandingOver: () => this.commit(),
        onBatch: (payload) => this.accept(payload),
        onDied: (error) => {
          if (!this.state.isStopping) this.die(error);
        },
      },
    );
  }

  private async keepOnly(topics: ReadonlySet<string>): Promise<void> {
    const left = [...this.workers].filter(([, { source }]) => !topics.has(source.topic));
    await this.abandon(left.map(([, worker]) => worker));
    await this.commit();
    for (const [place] of left) this.workers.delete(place);
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
    if (hasRoom && !this.state.isStopping) this.membership.current?.resume(topic, [partition]);
  }

  private async commit(): Promise<void> {
    const member = this.membership.current;
    if (this.isAssigned && member) await this.commits.commit(member, this.workers);
  }

  private die(error: Error): void {
    this.state.fail(error);
    void this.stop();
  }

  private async abandon(workers: readonly PartitionWorker[]): Promise<void> {
    await endedWithin(HANDLED_WITHIN_MS, Promise.all(workers.map((worker) => worker.abandon())));
  }

  private async shutDown(): Promise<void> {
    this.state.stop();
    clearInterval(this.committer);
    await this.abandon([...this.workers.values()]);
    await this.membership.end();
  }
}

function recreated({ next, source }: PartitionWorker, highWater: number): TopicRecreatedError {
  return new TopicRecreatedError(
    `${source.topic}/${source.partition} ends at ${highWater}, but was read up to ${next}: ` +
      'it was re-created outside of Parley',
  );
}
