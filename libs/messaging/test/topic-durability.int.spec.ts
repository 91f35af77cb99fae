import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeWithKafka, testKafkaBrokers } from '@parley/testing';
import { type Bus } from '../src/index.js';
import { type BusHarness } from './contract/harness.js';
import { startKafkaHarness } from './kafka-harness.js';

jest.setTimeout(60_000);

describeWithKafka('a topic on Kafka', () => {
  let harness: BusHarness;
  let bus: Bus;

  beforeAll(async () => {
    harness = await startKafkaHarness(testKafkaBrokers()!);
    bus = await harness.open();
  });
  afterAll(async () => {
    await bus.close();
    await harness.close();
  });

  it('is refused where a broker that missed records may lead it', async () => {
    const topic = `unclean-${randomUUID()}`;
    const config = { 'unclean.leader.election.enable': 'true' };
    const making = bus.ensureTopic({ topic, partitions: 1, config });
    await expect(making).rejects.toMatchObject({ code: 'bus/topic-not-durable' });
    const found = bus.ensureTopic({ topic, partitions: 1 });
    await expect(found).rejects.toMatchObject({ code: 'bus/topic-not-durable' });
  });

  it('is taken as Parley makes it', async () => {
    const topic = `clean-${randomUUID()}`;
    await bus.ensureTopic({ topic, partitions: 1 });
    await expect(bus.incarnation(topic)).resolves.toBe(1);
  });
});
