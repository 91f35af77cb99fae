import kafkajs from 'kafkajs';
import { type World } from '../world/world.js';

/** A record that can't be applied; `isCompressed` ones are batches that only Kafka carries. */
export interface Poison {
  readonly name: string;
  readonly value: Buffer | null;
  readonly isCompressed?: boolean;
}

const BOMB_BYTES = 64 * 1024 * 1024;

const message = (content: string) =>
  `{"message_id": "m", "conversation_id": "c", "role": "customer", "sender_id": "s", "content": "${content}", "timestamp": "2026-01-15T10:30:00Z"}`;

const PLAIN: readonly Poison[] = [
  { name: 'no JSON', value: Buffer.from('{"conversation_id": ') },
  { name: 'too deep', value: Buffer.from('['.repeat(5_000) + ']'.repeat(5_000)) },
  { name: 'a date that is none', value: Buffer.from(message('x').replace('01-15', '02-30')) },
  { name: 'NUL', value: Buffer.from(message('\\u0000')) },
  { name: 'half a character', value: Buffer.from(message('\\udead')) },
  { name: 'no UTF-8', value: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) },
  { name: 'another tenant', value: Buffer.from('{"tenant": "somebody", "conversation_id": "c"}') },
];

const KAFKA_ONLY: readonly Poison[] = [
  { name: 'no value', value: null },
  { name: 'a gzip bomb', value: Buffer.alloc(BOMB_BYTES, ' '), isCompressed: true },
];

/** One of each kind that the bus carries. */
export function poisons(isKafka: boolean): readonly Poison[] {
  return isKafka ? [...PLAIN, ...KAFKA_ONLY] : PLAIN;
}

/** Produces it as another program would. */
export async function publishPoisons(world: World, topic: string, poison: Poison): Promise<void> {
  const { kafka, installation } = world;
  const { value, isCompressed = false } = poison;
  if (!kafka) {
    const record = { key: 'c', value: value ?? Buffer.alloc(0), headers: {} };
    return installation.bus.publish(topic, [record]);
  }
  const { CompressionTypes, Kafka, logLevel, Partitioners } = kafkajs;
  const client = new Kafka({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING });
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const compression = isCompressed ? CompressionTypes.GZIP : CompressionTypes.None;
  await producer.send({ topic, compression, messages: [{ key: 'c', value }] });
  await producer.disconnect();
}
