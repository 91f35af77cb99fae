import { describe, it } from '@jest/globals';
import { testParts } from '../config.js';
import { kafkaSettings } from './config.js';

/** The bootstrap address of this jest run's broker; null where it has none. */
export function testKafkaBrokers(): string | null {
  return testParts().kafkaBrokers ?? null;
}

/** Whether what a test needs to reach a broker must be there, as in CI: a skip is then a failure. */
export function isKafkaRequired(): boolean {
  return kafkaSettings().isRequired;
}

/** `describe` for specs that need a broker. Without one they are skipped loudly, or fail where `REQUIRE_KAFKA` is 1. */
export function describeWithKafka(name: string, specs: () => void): void {
  if (testKafkaBrokers()) return describe(name, specs);
  if (kafkaSettings().isRequired) {
    return describe(name, () => {
      it('has a Kafka broker to run against', () => {
        throw new Error('no Kafka broker can be had, and REQUIRE_KAFKA is 1');
      });
    });
  }
  process.stderr.write(`\nSKIPPED ${name} (no Kafka broker)\n`);
  describe.skip(name, specs);
}
