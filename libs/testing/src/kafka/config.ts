import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const DOCKER_SOCKET = '/var/run/docker.sock';

/** Where tests may find or make a Kafka broker. */
export interface KafkaSettings {
  /** A broker that runs already; it is used and left alone. */
  readonly brokers?: string;
  readonly hasDockerSocket: boolean;
  readonly image: string;
  /** Where the broker's jars are kept between runs. */
  readonly cache: string;
  /** A missing broker is then a failure, not a skip. */
  readonly isRequired: boolean;
}

/** Reads `KAFKA_BROKERS`, `DOCKER_HOST`, `PARLEY_TEST_KAFKA_IMAGE` and `REQUIRE_KAFKA`. */
export function kafkaSettings(): KafkaSettings {
  const { env } = process;
  return {
    brokers: env['KAFKA_BROKERS'] || undefined,
    hasDockerSocket: Boolean(env['DOCKER_HOST']) || existsSync(DOCKER_SOCKET),
    image: env['PARLEY_TEST_KAFKA_IMAGE'] || 'apache/kafka:4.3.1',
    cache: join(homedir(), '.cache', 'parley-kafka'),
    isRequired: env['REQUIRE_KAFKA'] === '1',
  };
}
