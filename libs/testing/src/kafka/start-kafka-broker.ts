import { type BrokerOptions, type KafkaBroker } from './broker.js';
import { kafkaSettings } from './config.js';
import { startDockerBroker } from './docker-broker.js';
import { startMavenBroker } from './maven-broker.js';
import { brokerClassPath } from './maven-jars.js';

/**
 * A real Kafka broker for a test run: the one of `KAFKA_BROKERS`, else one in Docker, else one from Maven Central's
 * jars (Java 17 and Maven); null where none can be had.
 */
export async function startKafkaBroker(options: BrokerOptions = {}): Promise<KafkaBroker | null> {
  const { brokers } = kafkaSettings();
  return brokers ? borrowed(brokers) : startOwnKafkaBroker(options);
}

/** As `startKafkaBroker`, but never the one of `KAFKA_BROKERS`: for a spec that ends and restarts its broker. */
export async function startOwnKafkaBroker(
  options: BrokerOptions = {},
): Promise<KafkaBroker | null> {
  const { hasDockerSocket, image, cache } = kafkaSettings();
  const inDocker = hasDockerSocket ? await startDockerBroker(image, options) : null;
  if (inDocker) return inDocker;
  const classPath = await brokerClassPath(cache);
  return classPath ? startMavenBroker(classPath, options) : null;
}

function borrowed(brokers: string): KafkaBroker {
  const refuse = async () => {
    throw new Error('a broker that was running before the tests is not theirs to end');
  };
  return { brokers, restart: refuse, kill9: refuse, stop: async () => undefined };
}
