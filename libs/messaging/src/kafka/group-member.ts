import {
  type Consumer,
  type ConsumerEvents,
  type EachBatchPayload,
  type IMemberAssignment,
  type Kafka,
  type TopicPartitionOffsetAndMetadata,
} from 'kafkajs';
import { type GroupTiming, RETRY } from './kafka-client.js';
import { explained, isForbidden } from './kafka-errors.js';
import { subscriptionAssigner } from './subscription-assigner.js';

/** What a membership is for. */
export interface MemberSettings {
  readonly group: string;
  readonly topics: readonly string[];
  /** Of all topics together. */
  readonly partitions: number;
  readonly timing?: GroupTiming;
}

/** Told of what becomes of a membership, until it has left. */
export interface MemberListener {
  /** Nothing is fetched before this resolves and `resume` is called; where it rejects, all is fetched. */
  readonly onJoined: (assignment: IMemberAssignment) => Promise<void>;
  /** The last chance to say how far this member is before its partitions may go to another one. */
  readonly onHandingOver: () => Promise<void>;
  readonly onBatch: (payload: EachBatchPayload) => Promise<void>;
  readonly onDied: (error: Error) => void;
}

/** One membership of a group. kafkajs never forgets a topic of a consumer, so another list needs another membership. */
export class GroupMember {
  private readonly consumer: Consumer;
  private hasLeft = false;
  private lastSign = performance.now();

  constructor(
    kafka: Kafka,
    private readonly settings: MemberSettings,
    private readonly listener: MemberListener,
  ) {
    const {
      sessionTimeoutMs = 30_000,
      heartbeatMs = 3_000,
      maxWaitMs = 250,
    } = settings.timing ?? {};
    this.consumer = kafka.consumer({
      groupId: settings.group,
      partitionAssigners: [subscriptionAssigner],
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatMs,
      maxWaitTimeInMs: maxWaitMs,
      allowAutoTopicCreation: false,
      retry: { ...RETRY, restartOnFailure: async () => !this.hasLeft },
    });
  }

  /** Since kafkajs last told of anything: a fetch, a heartbeat, or another try. */
  get silentForMs(): number {
    return performance.now() - this.lastSign;
  }

  /** Rejects with `BusUnavailableError` where the brokers can't be reached. */
  async connect(): Promise<void> {
    try {
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [...this.settings.topics], fromBeginning: true });
    } catch (cause) {
      await this.leave();
      throw explained(cause, 'Kafka does not let us consume');
    }
  }

  async join(): Promise<void> {
    this.listen(this.consumer.events);
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.settings.partitions,
      eachBatch: (payload) => this.listener.onBatch(payload),
    });
  }

  async leave(): Promise<void> {
    this.hasLeft = true;
    await this.consumer.disconnect();
  }

  async commit(offsets: TopicPartitionOffsetAndMetadata[]): Promise<void> {
    await this.consumer.commitOffsets(offsets);
  }

  resume(topic: string, partitions: number[]): void {
    try {
      this.consumer.resume([{ topic, partitions }]);
    } catch {
      // kafkajs is between a crash and its restart, after which nothing is paused.
    }
  }

  private listen({ GROUP_JOIN, REBALANCING, CRASH, FETCH, HEARTBEAT }: ConsumerEvents): void {
    for (const sign of [GROUP_JOIN, CRASH, FETCH, HEARTBEAT])
      this.consumer.on(sign, () => void (this.lastSign = performance.now()));
    const { onJoined, onHandingOver, onDied } = this.listener;
    this.consumer.on(GROUP_JOIN, ({ payload }) => {
      if (this.hasLeft) return;
      const given = Object.entries(payload.memberAssignment);
      this.consumer.pause(given.map(([topic, partitions]) => ({ topic, partitions })));
      onJoined(payload.memberAssignment).catch(() => {
        for (const [topic, partitions] of given) this.resume(topic, partitions);
      });
    });
    this.consumer.on(REBALANCING, () => {
      if (!this.hasLeft) void onHandingOver();
    });
    // With `restart` kafkajs goes on by itself, as at the first use of a group on a new broker.
    this.consumer.on(CRASH, ({ payload }) => {
      const { error, restart } = payload;
      if (restart || this.hasLeft) return;
      onDied(isForbidden(error) ? explained(error, 'Kafka does not let us consume') : error);
    });
  }
}
