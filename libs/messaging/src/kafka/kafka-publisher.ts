import kafkajs, { type Kafka, type Message, type Producer, type TopicMessages } from 'kafkajs';
import { type BusRecord, BusUnavailableError } from '../bus.js';
import { partitionOf } from '../partitioner.js';
import { type Publication } from '../publish-queue.js';
import { recordBytes } from '../record-size.js';
import { RETRY } from './kafka-client.js';

/** Brokers take 1 MiB a batch by default, and kafkajs makes one batch of all records of a partition. */
const MAX_BATCH_BYTES = 1_000_000;

interface Batch {
  readonly topic: string;
  readonly messages: Message[];
  bytes: number;
}

/** Sends records with acks from all replicas, as an idempotent producer with one request in flight. */
export class KafkaPublisher {
  private producer?: Promise<Producer>;

  constructor(
    private readonly kafka: Kafka,
    private readonly partitions: (topic: string) => Promise<number>,
  ) {}

  async connect(): Promise<void> {
    this.producer ??= this.openProducer();
    await this.producer;
  }

  async send(publications: readonly Publication[]): Promise<void> {
    try {
      await this.connect();
      const producer = await this.producer!;
      for (const topicMessages of await this.requests(publications))
        await producer.sendBatch({ acks: -1, timeout: 5_000, topicMessages });
    } catch (cause) {
      this.discardProducer();
      throw new BusUnavailableError('Kafka did not take the records', { cause });
    }
  }

  async close(): Promise<void> {
    await (await this.producer)?.disconnect();
  }

  private async openProducer(): Promise<Producer> {
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry: RETRY,
    });
    await producer.connect();
    return producer;
  }

  /**
   * After a failure kafkajs gives the sequence numbers of the failed records to the next ones; should the failed ones
   * have arrived, the broker takes the next for repeats and drops them. A new producer starts with numbers of its own.
   */
  private discardProducer(): void {
    const failed = this.producer;
    this.producer = undefined;
    failed?.then((producer) => producer.disconnect()).catch(() => undefined);
  }

  /** Splits what one request can't hold; the records of a partition keep their order. */
  private async requests(publications: readonly Publication[]): Promise<TopicMessages[][]> {
    const rounds: Map<string, Batch>[] = [];
    const roundOf = new Map<string, number>();
    for (const { topic, records } of publications) {
      const partitions = await this.partitions(topic);
      for (const record of records) {
        const partition = partitionOf(record.key, partitions);
        const place = `${topic}/${partition}`;
        const round = roundOf.get(place) ?? 0;
        const isAdded = add((rounds[round] ??= new Map()), place, { topic, record, partition });
        if (isAdded) continue;
        roundOf.set(place, round + 1);
        add((rounds[round + 1] ??= new Map()), place, { topic, record, partition });
      }
    }
    return rounds.map((round) => [...round.values()]);
  }
}

interface Placed {
  readonly topic: string;
  readonly record: BusRecord;
  readonly partition: number;
}

function add(round: Map<string, Batch>, place: string, { topic, record, partition }: Placed) {
  const batch = round.get(place) ?? { topic, messages: [], bytes: 0 };
  const bytes = recordBytes(record);
  if (batch.bytes > 0 && batch.bytes + bytes > MAX_BATCH_BYTES) return false;
  const { key, value, headers } = record;
  batch.messages.push({ key, value, headers: { ...headers }, partition });
  batch.bytes += bytes;
  round.set(place, batch);
  return true;
}
