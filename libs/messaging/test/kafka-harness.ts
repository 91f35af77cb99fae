import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import { createTestDatabase, type KafkaBroker } from '@parley/testing';
import kafkajs, { type Admin } from 'kafkajs';
import { compressFrame } from 'lz4-napi';
import pg from 'pg';
import { compress } from 'snappy';
import { openKafkaBus, TopicRegistry } from '../src/index.js';
import { type BusHarness, type ForeignRecord } from './contract/harness.js';

const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs;
const CODECS = {
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

/** How the other program compresses; kafkajs brings gzip alone. */
function packBy(type: kafkajs.CompressionTypes, pack: (bytes: Buffer) => Promise<Buffer>): void {
  const codec = { compress: ({ buffer }: { buffer: Buffer }) => pack(buffer) };
  Object.assign(CompressionCodecs, { [type]: () => codec });
}

packBy(CompressionTypes.Snappy, (bytes) => compress(bytes));
packBy(CompressionTypes.LZ4, (bytes) => compressFrame(bytes));
packBy(CompressionTypes.ZSTD, promisify<Buffer, Buffer>(zstdCompress));

/** Another program, which shares nothing with ours but the broker. */
function otherProgram(brokers: string) {
  return new Kafka({
    ...{ clientId: 'other', brokers: brokers.split(','), logLevel: logLevel.NOTHING },
    retry: { retries: 10, initialRetryTime: 100, maxRetryTime: 500 },
  });
}

/** Kafka with quick timing; `broker`, when given, is this harness's own and is what an interruption hits. */
export async function startKafkaHarness(
  brokers: string,
  broker?: KafkaBroker,
): Promise<BusHarness> {
  const database = await createTestDatabase();
  const pool = new pg.Pool({ connectionString: database.url });
  const registry = new TopicRegistry(pool);
  await registry.ensureSchema();
  const kafka = otherProgram(brokers);
  const send = (compression: kafkajs.CompressionTypes) => sender(kafka, compression);
  return {
    publishForeign: send(CompressionTypes.None),
    publishCompressed: (topic, records, codec) => send(CODECS[codec])(topic, records),
    open: (hooks) =>
      openKafkaBus({
        ...{ brokers: brokers.split(','), clientId: 'parley-test', registry, backoff: () => 5 },
        ...hooks,
        timing: { sessionTimeoutMs: 6_000, heartbeatMs: 300, maxWaitMs: 100 },
      }),
    deleteTopic: (topic) => withAdmin(kafka, (admin) => deleteTopic(admin, topic)),
    dropRecords: (topic, offset) =>
      withAdmin(kafka, async (admin) => {
        await admin.fetchTopicOffsets(topic);
        const partitions = [{ partition: 0, offset: String(offset) }];
        await admin.deleteTopicRecords({ topic, partitions });
      }),
    interrupt: async () => {
      await broker!.kill9();
      await broker!.restart();
    },
    close: async () => {
      await pool.end();
      await database.drop();
      await broker?.stop();
    },
  };
}

async function withAdmin(
  kafka: kafkajs.Kafka,
  work: (admin: Admin) => Promise<void>,
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await work(admin).finally(() => admin.disconnect());
}

async function deleteTopic(admin: Admin, topic: string): Promise<void> {
  await admin.deleteTopics({ topics: [topic] });
  while ((await admin.listTopics()).includes(topic));
}

function sender(kafka: kafkajs.Kafka, compression: kafkajs.CompressionTypes) {
  return async (topic: string, records: readonly ForeignRecord[]): Promise<void> => {
    const producer = kafka.producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    const messages = records.map(({ key, value, headers }) => ({
      ...{ key, value, partition: 0 },
      headers: { ...headers },
    }));
    await producer.send({ topic, compression, messages });
    await producer.disconnect();
  };
}
