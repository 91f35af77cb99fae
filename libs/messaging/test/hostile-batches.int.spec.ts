import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeWithKafka, testKafkaBrokers } from '@parley/testing';
import kafkajs from 'kafkajs';
import { type Bus } from '../src/index.js';
import {
  type BusHarness,
  consumeInto,
  KEYS,
  newTopic,
  numbered,
  OpenBuses,
  record,
  soon,
  uniqueName,
} from './contract/harness.js';
import { startKafkaHarness } from './kafka-harness.js';

jest.setTimeout(60_000);

const MIB = 1024 * 1024;
const BOMB_BYTES = 400_000_000;

/** One record of 400 MB of spaces, in gzip of some 0.4 MB; its bytes are never in memory together. */
async function bomb(): Promise<Buffer> {
  const piece = Buffer.alloc(1_000_000, ' ');
  function* record() {
    // A record's length, attributes, time, offset and missing key, then the value's length; both lengths as varints.
    yield Buffer.from([0x92, 0x90, 0xbc, 0xfd, 0x02, 0, 0, 0, 1, 0x80, 0x90, 0xbc, 0xfd, 0x02]);
    for (let sent = 0; sent < BOMB_BYTES; sent += piece.length) yield piece;
    yield Buffer.of(0);
  }
  return buffer(Readable.from(record()).pipe(createGzip()));
}

describeWithKafka('batches that are made to do harm', () => {
  let harness: BusHarness;
  let buses: OpenBuses;
  let bus: Bus;

  beforeAll(async () => {
    harness = await startKafkaHarness(testKafkaBrokers()!);
    buses = new OpenBuses(() => harness);
    bus = await buses.open();
  });
  afterAll(async () => {
    await buses.closeAll();
    await harness.close();
  });

  /** Sends these bytes as what gzip made of one record, into partition 0. */
  async function publishGzip(topic: string, bytes: Buffer): Promise<void> {
    const kafka = new kafkajs.Kafka({
      ...{ clientId: 'hostile', brokers: testKafkaBrokers()!.split(',') },
      logLevel: kafkajs.logLevel.NOTHING,
    });
    const { GZIP } = kafkajs.CompressionTypes;
    const honest = kafkajs.CompressionCodecs[GZIP];
    kafkajs.CompressionCodecs[GZIP] = () => ({ compress: async () => bytes });
    const producer = kafka.producer();
    await producer.connect();
    const messages = [{ partition: 0, value: 'in the place of the bytes' }];
    try {
      await producer.send({ topic, compression: GZIP, messages });
    } finally {
      kafkajs.CompressionCodecs[GZIP] = honest;
      await producer.disconnect();
    }
  }

  it('become one undecodable record each, and nothing else is late, lost or read twice', async () => {
    const topic = await newTopic(bus);
    const group = uniqueName('test-group');
    const sent = await bomb();
    expect(sent.length).toBeLessThan(MIB / 2);
    const inbox = await consumeInto(bus, { topics: [topic], group });
    await bus.publish(topic, numbered('before', 10));
    const memory = watchMemory();
    for (let n = 0; n < 3; n++) {
      await publishGzip(topic, sent);
      await bus.publish(
        topic,
        KEYS.map((key) => record(key, `${key}:${n}`)),
      );
    }
    await inbox.holds(10 + 3 * (KEYS.length + 1));
    const bad = inbox.records.filter(({ undecodable }) => undecodable !== undefined);
    const reason = `gzip: expands to more than ${32 * MIB} bytes`;
    expect(bad).toHaveLength(3);
    for (const one of bad) {
      expect(one).toMatchObject({ undecodable: reason, key: null, headers: {} });
      expect(one.value!.subarray(-sent.length).equals(sent)).toBe(true);
    }
    for (const key of KEYS)
      expect(inbox.valuesOf(key)).toEqual([0, 1, 2].map((n) => `${key}:${n}`));
    expect(memory.stop()).toBeLessThan(300 * MIB);
    await inbox.consumption.stop();
    await bus.publish(topic, [record('a', 'after')]);
    const next = await consumeInto(bus, { topics: [topic], group });
    await next.holds(1);
    expect(next.values).toEqual(['after']);
  });

  it('are no end of a range that is read again', async () => {
    const topic = await newTopic(bus, 1);
    await bus.publish(topic, numbered('a', 2));
    await publishGzip(topic, await bomb());
    await bus.publish(topic, numbered('b', 2));
    const read: (string | undefined)[] = [];
    await bus.readRange({ topic, partition: 0, from: 0, to: 5 }, async (records) => {
      read.push(...records.map(({ undecodable, value }) => undecodable ?? String(value)));
    });
    expect(read).toEqual(['a:0', 'a:1', expect.stringContaining('gzip: expands'), 'b:0', 'b:1']);
  });

  it('may hold ever so many headers, which delay nobody', async () => {
    const topic = await newTopic(bus, 1);
    const headers = Object.fromEntries(
      Array.from({ length: 50_000 }, (_, n) => [`h${n}`, Buffer.from('x')]),
    );
    await harness.publishForeign(topic, [{ key: null, value: Buffer.from('v'), headers }]);
    const inbox = await consumeInto(bus, { topics: [topic] });
    await soon(() => inbox.records.length === 1);
    expect(Object.keys(inbox.records[0]!.headers)).toHaveLength(50_000);
  });
});

/** How much larger than at first the process has been meanwhile. */
function watchMemory() {
  const before = process.memoryUsage.rss();
  let most = before;
  const watching = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5);
  return {
    stop: () => {
      clearInterval(watching);
      return most - before;
    },
  };
}
