import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@parley/testing';
import { type ConsumerRunConfig, type EachBatchPayload, type Kafka } from 'kafkajs';
import { type Chunk, type ConsumeOptions } from '../bus.js';
import { KafkaConsumption } from './kafka-consumption.js';

type Listener = (event: { payload: unknown }) => void;

/** kafkajs's consumer as far as a consumption sees it; `crash` is what no broker does when a test wants it. */
class FakeConsumer {
  readonly events = { GROUP_JOIN: 'join', REBALANCING: 'rebalancing', CRASH: 'crash' };
  disconnect = async () => undefined;
  private readonly listeners = new Map<string, Listener[]>();
  private eachBatch!: NonNullable<ConsumerRunConfig['eachBatch']>;
  private isRunning = true;

  on(event: string, listener: Listener) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
  }
  async connect() {}
  async subscribe() {}
  async commitOffsets() {}
  pause() {}
  async run({ eachBatch }: ConsumerRunConfig) {
    this.eachBatch = eachBatch!;
    this.join();
  }
  resume() {
    if (!this.isRunning) throw new Error('Consumer group was not initialized');
  }
  join() {
    this.isRunning = true;
    this.tell('join', { memberAssignment: { t: [0] } });
  }
  crash() {
    this.isRunning = false;
    this.tell('crash', { restart: true, error: new Error('crash') });
  }
  private tell(event: string, payload: unknown) {
    for (const listener of this.listeners.get(event)!) listener({ payload });
  }

  /** Hands over records as a fetch would bring them. */
  async deliver(offsets: readonly number[], highWatermark: number) {
    const messages = offsets.map((offset) => {
      return { offset: String(offset), timestamp: '0', key: null, value: null, headers: {} };
    });
    const batch = { topic: 't', partition: 0, messages, highWatermark: String(highWatermark) };
    const payload = {
      batch: { ...batch, lastOffset: () => String(offsets.at(-1)) },
      resolveOffset: () => undefined,
      pause: () => undefined,
    };
    await this.eachBatch(payload as unknown as EachBatchPayload);
  }
}

async function consume(handler: ConsumeOptions['handler']) {
  const consumer = new FakeConsumer();
  const consumption = new KafkaConsumption(
    {
      kafka: { consumer: () => consumer } as unknown as Kafka,
      busId: 'b',
      options: { backoff: () => 0 } as never,
      topic: async () => ({ partitions: 1, incarnation: 1 }),
      committed: async () => new Map(),
      existing: async () => new Set(['t']),
    },
    { group: 'g', topics: ['t'], maxRecords: 2, handler },
  );
  await consumption.start();
  return { consumer, consumption };
}

describe('a consumption of Kafka', () => {
  it('goes on after a crash of its client, in the midst of which a chunk was taken', async () => {
    const got: number[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { consumer, consumption } = await consume(async ({ records }: Chunk) => {
      await held;
      got.push(...records.map(({ offset }) => offset));
    });
    await consumer.deliver([0, 1, 2, 3], 4);
    consumer.crash();
    release();
    await eventually(() => got.length === 4);
    consumer.join();
    await consumer.deliver([2, 3, 4], 5);
    await eventually(() => got.length === 5);
    expect(got).toEqual([0, 1, 2, 3, 4]);
    await consumption.stop();
  });

  it('reads records again that it knows, without handling them again', async () => {
    const got: number[] = [];
    const { consumer, consumption } = await consume(async ({ records }: Chunk) => {
      got.push(...records.map(({ offset }) => offset));
    });
    await consumer.deliver([0, 1, 2], 3);
    await consumer.deliver([1, 2, 3], 4);
    await eventually(() => got.length === 4);
    expect(got).toEqual([0, 1, 2, 3]);
    await consumption.stop();
  });

  it('fails where a topic begins again that Parley did not re-create', async () => {
    const { consumer, consumption } = await consume(async () => undefined);
    await consumer.deliver([0, 1, 2], 3);
    await consumer.deliver([0], 1);
    expect(await consumption.failed).toMatchObject({ code: 'bus/topic-recreated' });
  });
});

describe('a consumption of Kafka, as time goes by,', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is silent for as long as its client tells of nothing', async () => {
    const { consumer, consumption } = await consume(async () => undefined);
    await jest.advanceTimersByTimeAsync(70_000);
    expect(consumption.silentForMs).toBe(70_000);
    consumer.crash();
    expect(consumption.silentForMs).toBe(0);
    const stopping = consumption.stop();
    await jest.advanceTimersByTimeAsync(20_000);
    await stopping;
    expect(consumption.silentForMs).toBe(0);
  });

  it('stops within 15 s, whatever hangs', async () => {
    const never = () => new Promise<never>(() => undefined);
    const { consumer, consumption } = await consume(never);
    consumer.disconnect = never;
    await consumer.deliver([0], 1);
    let isStopped = false;
    void consumption.stop().then(() => (isStopped = true));
    await jest.advanceTimersByTimeAsync(14_000);
    expect(isStopped).toBe(false);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(isStopped).toBe(true);
  });
});
