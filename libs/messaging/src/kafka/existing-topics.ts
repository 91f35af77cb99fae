import { type Admin } from 'kafkajs';
import { explained, isMissingTopic } from './kafka-errors.js';

/**
 * Those of the topics that the brokers have. Rejects with `BusAccessDeniedError` for one that our user may not see: the
 * brokers leave it out of their list as they leave out one that is gone.
 */
export async function existingTopics(
  admin: Admin,
  topics: readonly string[],
): Promise<ReadonlySet<string>> {
  const listed = new Set(await admin.listTopics());
  const existing = new Set<string>();
  for (const topic of topics)
    if (listed.has(topic) || (await isThere(admin, topic))) existing.add(topic);
  return existing;
}

async function isThere(admin: Admin, topic: string): Promise<boolean> {
  try {
    await admin.fetchTopicMetadata({ topics: [topic] });
    return true;
  } catch (error) {
    if (isMissingTopic(error)) return false;
    throw explained(error, 'Kafka does not let us consume');
  }
}
