import { setTimeout as delay } from 'node:timers/promises';
import { type Admin, type Kafka } from 'kafkajs';
import { type TopicOptions } from '../bus.js';
import { durableConfig } from './topic-durability.js';

const RETENTION_MS = 7 * 24 * 60 * 60 * 1000;
const SERVED_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 50;
const NOT_YET = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION'];

/**
 * Makes a topic that keeps records for 7 days, and resolves when its partitions can be read. kafkajs's own wait fails at
 * a broker that has not heard of the topic yet, which a busy one learns from its controller only after it was made.
 */
export async function createTopic(
  kafka: Kafka,
  { topic, partitions, config }: TopicOptions,
  replicas: number | undefined,
): Promise<void> {
  const settings = { 'retention.ms': String(RETENTION_MS), ...durableConfig(replicas), ...config };
  const made = {
    ...{ topic, numPartitions: partitions, replicationFactor: replicas ?? -1 },
    configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
  };
  const admin = kafka.admin();
  try {
    await admin.connect();
    await admin.createTopics({ topics: [made], waitForLeaders: false });
    const deadline = performance.now() + SERVED_WITHIN_MS;
    while (!(await isServed(admin, topic, performance.now() > deadline)))
      await delay(LOOK_EVERY_MS);
  } finally {
    await admin.disconnect();
  }
}

async function isServed(admin: Admin, topic: string, isLate: boolean): Promise<boolean> {
  try {
    await admin.fetchTopicOffsets(topic);
    return true;
  } catch (error) {
    if (isLate || !NOT_YET.includes((error as { type?: string }).type ?? '')) throw error;
    return false;
  }
}
