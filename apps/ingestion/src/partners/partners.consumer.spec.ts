import { expect, it } from '@jest/globals';
import { type ConsumeOptions } from '@parley/messaging';
import { createLogger } from '@parley/platform';
import { type PartnerOfTenant } from '@parley/tenancy';
import { PartnersConsumer, type PartnersConsumerParts } from './partners.consumer.js';

it('looks at several topics at once before it starts: those whose databases are silent take long', async () => {
  const topics = Array.from({ length: 25 }, (_, n) => `topic ${n}`);
  const all = topics.map((topic) => ({ topic, tenantId: topic, tenantName: topic }));
  let consumed: readonly string[] = [];
  const ofSeveral = Promise.withResolvers<void>();
  let underWay = 0;
  const parts = {
    partners: { listTopics: async () => all },
    topics: {
      makeReady: async ({ topic }: PartnerOfTenant) => {
        underWay += 1;
        if (underWay > 1) ofSeveral.resolve();
        await ofSeveral.promise;
        underWay -= 1;
        return topic !== 'topic 12';
      },
    },
    bus: {
      consume: async (options: ConsumeOptions) => {
        consumed = options.topics;
        return { failed: new Promise(() => undefined), stop: async () => undefined };
      },
    },
    logger: createLogger({ service: 'test', level: 'fatal' }),
  };
  const consumer = new PartnersConsumer(parts as unknown as PartnersConsumerParts);
  await consumer.start();
  expect(consumed).toEqual(topics.filter((topic) => topic !== 'topic 12'));
  consumer.onModuleDestroy();
  await consumer.onApplicationShutdown();
});
