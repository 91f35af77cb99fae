const SERVER_URL = 'TEST_DATABASE_SERVER_URL';
const KAFKA_BROKERS = 'TEST_KAFKA_BROKERS';

/** What the jest run started for its spec files, handed to the workers through the environment. */
export interface TestParts {
  readonly serverUrl?: string;
  readonly kafkaBrokers?: string;
}

/** The parts of this jest run; a part that was not started is missing. */
export function testParts(): TestParts {
  return { serverUrl: process.env[SERVER_URL], kafkaBrokers: process.env[KAFKA_BROKERS] };
}

/** Makes parts known to the workers; called before they start. */
export function announceTestParts({ serverUrl, kafkaBrokers }: TestParts): void {
  if (serverUrl) process.env[SERVER_URL] = serverUrl;
  if (kafkaBrokers) process.env[KAFKA_BROKERS] = kafkaBrokers;
}
