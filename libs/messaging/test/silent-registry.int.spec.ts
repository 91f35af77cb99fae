import { expect, it } from '@jest/globals';
import { describeWithKafka, testKafkaBrokers } from '@parley/testing';
import { type Pool } from 'pg';
import { openKafkaBus, TopicRegistry } from '../src/index.js';

describeWithKafka('a bus on Kafka whose registry of topics does not answer', () => {
  it('says that it can’t be reached, whatever it is asked for', async () => {
    const silent = { query: () => new Promise(() => undefined) } as unknown as Pool;
    const bus = await openKafkaBus({
      ...{ brokers: testKafkaBrokers()!.split(','), clientId: 'parley-test' },
      registry: new TopicRegistry(silent),
    });
    const range = { topic: 't', partition: 0, from: 0, to: 1 };
    const asked = [
      ...[bus.ends('t'), bus.incarnation('t'), bus.committed('group', 't')],
      ...[bus.publish('t', []), bus.readRange(range, async () => undefined)],
    ];
    for (const one of await Promise.allSettled(asked))
      expect(one).toMatchObject({ reason: { name: 'BusUnavailableError' } });
    await bus.close();
  });
});
