import { jest } from '@jest/globals';
import { describeWithKafka, startOwnKafkaBroker, testKafkaBrokers } from '@parley/testing';
import { describeBusContract } from './bus-contract.js';
import { startKafkaHarness } from './kafka-harness.js';

jest.setTimeout(60_000);

describeWithKafka('the Kafka bus', () => {
  describeBusContract(
    () => startKafkaHarness(testKafkaBrokers()!),
    async () => {
      const broker = await startOwnKafkaBroker();
      return startKafkaHarness(broker!.brokers, broker!);
    },
  );
});
