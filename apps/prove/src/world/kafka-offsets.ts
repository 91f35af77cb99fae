import kafkajs from 'kafkajs';

/** Sets the committed offsets of a group back to the beginning; none of its members may run. */
export async function rewindGroup(
  brokers: string,
  groupId: string,
  topics: readonly string[],
): Promise<void> {
  const { Kafka, logLevel } = kafkajs;
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    for (const topic of topics) {
      const found = await admin.fetchTopicOffsets(topic);
      const partitions = found.map(({ partition, low }) => ({ partition, offset: low }));
      await admin.setOffsets({ groupId, topic, partitions });
    }
  } finally {
    await admin.disconnect();
  }
}
