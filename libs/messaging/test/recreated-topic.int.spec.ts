import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeWithKafka, testKafkaBrokers } from '@parley/testing';
import {
  type BusHarness,
  consumeInto,
  newTopic,
  numbered,
  OpenBuses,
  record,
} from './contract/harness.js';
import { startKafkaHarness } from './kafka-harness.js';

jest.setTimeout(60_000);

describeWithKafka('a topic of Kafka that another installation deletes and makes anew', () => {
  const harnesses: BusHarness[] = [];
  let ours: OpenBuses;
  let theirs: OpenBuses;

  beforeAll(async () => {
    const start = async () => {
      const harness = await startKafkaHarness(testKafkaBrokers()!);
      harnesses.push(harness);
      return new OpenBuses(() => harness);
    };
    [ours, theirs] = [await start(), await start()];
  });
  afterAll(async () => {
    await Promise.all([ours.closeAll(), theirs.closeAll()]);
    for (const harness of harnesses) await harness.close();
  });

  it('ends the consumption, for its new records can’t be told from the old ones', async () => {
    const bus = await ours.open();
    const topic = await newTopic(bus, 1);
    const inbox = await consumeInto(bus, { topics: [topic] });
    await bus.publish(topic, numbered('a', 5));
    await inbox.holds(5);
    await harnesses[0]!.deleteTopic(topic);
    const other = await theirs.open();
    await other.ensureTopic({ topic, partitions: 1 });
    await other.publish(topic, [record('a', 'new')]);
    expect(await inbox.consumption.failed).toMatchObject({ code: 'bus/topic-recreated' });
    expect(inbox.records).toHaveLength(5);
  });
});
