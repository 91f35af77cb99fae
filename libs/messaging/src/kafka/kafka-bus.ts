import { type Admin, type Kafka } from 'kafkajs';
import { answeredWithin, endedWithin } from '../bounded.js';
import {
  type Bus,
  type BusRecord,
  BusUnavailableError,
  type ConsumeOptions,
  type Consumption,
  type DeliveredRecord,
  type GroupMove,
  GroupMoveError,
  type PartitionEnd,
  type RecordRange,
  type TopicOptions,
} from '../bus.js';
import { PublishQueue } from '../publish-queue.js';
import { type TopicHost } from '../topic-registry.js';
import { createTopic } from './create-topic.js';
import { existingTopics } from './existing-topics.js';
import { useOwnFetchDecoding } from './fetch-response.js';
import { committedOffsets, committedOn, moveGroup } from './group-offsets.js';
import { KafkaAdmin } from './kafka-admin.js';
import { kafkaClient, type KafkaBusOptions } from './kafka-client.js';
import { explained } from './kafka-errors.js';
import { KafkaConsumption } from './kafka-consumption.js';
import { KafkaPublisher } from './kafka-publisher.js';
import { RangeReader } from './range-reader.js';
import { refuseForgetfulTopic } from './topic-durability.js';

const ANSWER_WITHIN_MS = 5_000;
// After the 15 s that consumptions may take, so that a service stops within 25.
const CLOSE_WITHIN_MS = 5_000;
// Partitions wait for this when they are given to a member.
const LOOK_WITHIN_MS = 2_000;
// kafkajs joins the group as a member for it.
const MOVED_WITHIN_MS = 60_000;

/**
 * Connects to Kafka; rejects with `BusUnavailableError` when it can't be reached, and with `BusAccessDeniedError` when it
 * refuses the user name or the password.
 */
export async function openKafkaBus(options: KafkaBusOptions): Promise<Bus> {
  useOwnFetchDecoding();
  const kafka = kafkaClient(options);
  const admin = new KafkaAdmin(kafka);
  try {
    const asking = admin.ask((brokers) => brokers.describeCluster());
    const { clusterId } = await answeredWithin(2 * ANSWER_WITHIN_MS, asking);
    return new KafkaBus({ kafka, admin, id: clusterId, options });
  } catch (error) {
    await endedWithin(CLOSE_WITHIN_MS, admin.close());
    throw explained(error, 'Kafka can’t be reached');
  }
}

interface KafkaBusParts {
  readonly kafka: Kafka;
  readonly admin: KafkaAdmin;
  readonly id: string;
  readonly options: KafkaBusOptions;
}

class KafkaBus implements Bus, TopicHost {
  readonly id: string;
  private readonly publisher: KafkaPublisher;
  private readonly queue: PublishQueue;
  private readonly partitionCounts = new Map<string, number>();
  private readonly consumptions = new Set<KafkaConsumption>();
  private isClosed = false;

  constructor(private readonly parts: KafkaBusParts) {
    this.id = parts.id;
    this.publisher = new KafkaPublisher(parts.kafka, (topic) => this.partitionCount(topic));
    this.queue = new PublishQueue({
      send: (publications) => this.publisher.send(publications),
      deadlineMs: ANSWER_WITHIN_MS,
    });
  }

  async ensureTopic(options: TopicOptions): Promise<void> {
    await this.parts.options.registry.ensureTopic(this, options);
    await this.parts.admin.ask((admin) => refuseForgetfulTopic(admin, options.topic));
    this.partitionCounts.delete(options.topic);
  }

  async partitions(topic: string): Promise<number | null> {
    const topics = await this.ask((admin) => admin.listTopics());
    if (!topics.includes(topic)) return null;
    const metadata = await this.ask((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
    return metadata.topics[0]!.partitions.length;
  }

  create(options: TopicOptions): Promise<void> {
    return createTopic(this.parts.kafka, options, this.parts.options.replicationFactor);
  }

  async incarnation(topic: string): Promise<number> {
    return (await this.registered(topic)).incarnation;
  }

  async ends(topic: string): Promise<readonly PartitionEnd[]> {
    await this.registered(topic);
    return (await this.ask((admin) => admin.fetchTopicOffsets(topic)))
      .map(({ partition, high, low }) => ({
        ...{ partition, highWater: Number(high), logStart: Number(low) },
      }))
      .sort((a, b) => a.partition - b.partition);
  }

  async committed(group: string, topic: string): Promise<ReadonlyMap<number, number>> {
    await this.registered(topic);
    return this.ask((admin) => committedOn(admin, group, topic));
  }

  async moveGroup(move: GroupMove): Promise<void> {
    await this.registered(move.topic);
    const refusal = await this.ask((admin) => moveGroup(admin, move), MOVED_WITHIN_MS);
    if (refusal !== null) throw new GroupMoveError(refusal);
  }

  async publish(topic: string, records: readonly BusRecord[]): Promise<void> {
    if (!this.isClosed) await this.partitionCount(topic);
    try {
      await this.queue.publish(topic, records);
    } catch (error) {
      this.partitionCounts.delete(topic);
      throw error;
    }
  }

  async consume(options: ConsumeOptions): Promise<Consumption> {
    if (this.isClosed) throw new BusUnavailableError('the bus is closed');
    for (const topic of options.topics) await this.registered(topic);
    const { options: busOptions, id: busId } = this.parts;
    const consumption = new KafkaConsumption(
      {
        ...{ busId, options: busOptions, kafka: kafkaClient(busOptions) },
        topic: (topic) => this.registered(topic),
        existing: (topics) => this.ask((admin) => existingTopics(admin, topics)),
        committed: (topics) =>
          this.ask((admin) => committedOffsets(admin, options.group, topics), LOOK_WITHIN_MS),
      },
      options,
    );
    this.consumptions.add(consumption);
    try {
      await consumption.start();
    } catch (error) {
      await consumption.stop();
      throw error;
    }
    return consumption;
  }

  async readRange(
    range: RecordRange,
    handler: (records: readonly DeliveredRecord[]) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<void> {
    signal?.throwIfAborted();
    const end = (await this.ends(range.topic)).find((one) => one.partition === range.partition);
    const bounded = range.isFollowed ? range : endingAt(end, range);
    if (bounded.to <= Math.max(range.from, end?.logStart ?? 0)) return;
    const { options } = this.parts;
    await new RangeReader(kafkaClient(options), options, bounded).read(handler, signal);
  }

  silentForMs(): number {
    return Math.max(0, ...[...this.consumptions].map((one) => one.silentForMs));
  }

  async ping(): Promise<void> {
    await this.ask((admin) => admin.describeCluster());
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await Promise.all([...this.consumptions].map((consumption) => consumption.stop()));
    await endedWithin(CLOSE_WITHIN_MS, this.disconnect());
  }

  private ask<T>(question: (admin: Admin) => Promise<T>, withinMs = ANSWER_WITHIN_MS): Promise<T> {
    return answeredWithin(withinMs, this.parts.admin.ask(question));
  }

  private async disconnect(): Promise<void> {
    await this.queue.close();
    await Promise.allSettled([this.publisher.close(), this.parts.admin.close()]);
  }

  private registered(topic: string) {
    return answeredWithin(ANSWER_WITHIN_MS, this.parts.options.registry.topic(this.id, topic));
  }

  private async partitionCount(topic: string): Promise<number> {
    const known = this.partitionCounts.get(topic);
    if (known !== undefined) return known;
    const { partitions } = await this.registered(topic);
    this.partitionCounts.set(topic, partitions);
    return partitions;
  }
}

function endingAt(end: PartitionEnd | undefined, range: RecordRange): RecordRange {
  return { ...range, to: Math.min(range.to, end?.highWater ?? 0) };
}
