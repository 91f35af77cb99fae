import kafkajs, { type Admin } from 'kafkajs';
import { answeredWithin } from '../bounded.js';

const UNCLEAN = 'unclean.leader.election.enable';
const IN_SYNC = 'min.insync.replicas';
const ANSWER_WITHIN_MS = 5_000;
const SAFE_REPLICAS = 3;
const SAFE_IN_SYNC = 2;

/** The topic may lose what the brokers said yes to. */
export class TopicNotDurableError extends Error {
  override readonly name = 'TopicNotDurableError';
  readonly code = 'bus/topic-not-durable';
}

/** How our own topics are made, so that the check passes; `replicas` is undefined where the brokers decide. */
export function durableConfig(replicas: number | undefined): Readonly<Record<string, string>> {
  const isReplicated = replicas !== undefined && replicas >= SAFE_REPLICAS;
  return { [UNCLEAN]: 'false', ...(isReplicated ? { [IN_SYNC]: String(SAFE_IN_SYNC) } : {}) };
}

/**
 * Throws where a broker that missed records may become the leader, or where one of three or more replicas may say yes
 * alone. A broker that stands alone has nobody to ask: that is its operator's choice.
 */
export async function refuseForgetfulTopic(admin: Admin, topic: string): Promise<void> {
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic };
  const asked = Promise.all([
    admin.describeConfigs({
      resources: [{ ...resource, configNames: [UNCLEAN, IN_SYNC] }],
      includeSynonyms: false,
    }),
    admin.fetchTopicMetadata({ topics: [topic] }),
  ]);
  const [described, metadata] = await answeredWithin(ANSWER_WITHIN_MS, asked);
  const entries = described.resources.flatMap(({ configEntries }) => configEntries);
  const valueOf = (name: string) => entries.find((entry) => entry.configName === name)?.configValue;
  const replicas = metadata.topics[0]?.partitions[0]?.replicas.length ?? 0;
  if (valueOf(UNCLEAN) === 'true') throw refusal(topic, `${UNCLEAN} is on`);
  if (replicas >= SAFE_REPLICAS && Number(valueOf(IN_SYNC)) < SAFE_IN_SYNC) {
    throw refusal(topic, `${IN_SYNC} is below ${SAFE_IN_SYNC} of ${replicas} replicas`);
  }
}

function refusal(topic: string, why: string): TopicNotDurableError {
  return new TopicNotDurableError(`${topic} may lose records that were acknowledged: ${why}`);
}
