import { describe, expect, it } from '@jest/globals';
import { type Admin } from 'kafkajs';
import { durableConfig, refuseForgetfulTopic } from './topic-durability.js';

/** What a cluster says of a topic. */
function cluster(replicas: number, config: Readonly<Record<string, string>>): Admin {
  const configEntries = Object.entries(config).map(([configName, configValue]) => ({
    configName,
    configValue,
  }));
  return {
    describeConfigs: async () => ({ resources: [{ configEntries }] }),
    fetchTopicMetadata: async () => ({
      topics: [{ partitions: [{ replicas: Array.from({ length: replicas }) }] }],
    }),
  } as unknown as Admin;
}

describe('a topic with three replicas', () => {
  it('is refused where one of them may say yes alone', async () => {
    const admin = cluster(3, { ...durableConfig(undefined), 'min.insync.replicas': '1' });
    await expect(refuseForgetfulTopic(admin, 't')).rejects.toMatchObject({
      code: 'bus/topic-not-durable',
    });
  });

  it('is taken as Parley makes it', async () => {
    await expect(refuseForgetfulTopic(cluster(3, durableConfig(3)), 't')).resolves.toBeUndefined();
  });
});
