import { setTimeout as delay } from 'node:timers/promises';
import { type Admin, type ITopicConfig, type Kafka } from 'kafkajs';

const SERVED_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 50;
const NOT_YET = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION'];

/**
 * Makes a topic, and resolves when its partitions can be read. kafkajs's own wait fails at a broker that has not heard of
 * the topic yet, which a busy one learns from its controller only after it was made.
 */
export async function createTopic(kafka: Kafka, topic: ITopicConfig): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    await admin.createTopics({ topics: [topic], waitForLeaders: false });
    const deadline = performance.now() + SERVED_WITHIN_MS;
    while (!(await isServed(admin, topic.topic, performance.now() > deadline)))
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
