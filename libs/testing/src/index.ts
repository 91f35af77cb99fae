export { eventually, type EventuallyOptions } from './eventually.js';
export {
  createTestDatabase,
  startTestServer,
  type TestDatabase,
  type TestServer,
  testServerUrl,
} from './postgres/test-database.js';
export { describeWithKafka, testKafkaBrokers } from './kafka/describe-with-kafka.js';
export {
  type BrokerOptions,
  type KafkaBroker,
  startKafkaBroker,
  startOwnKafkaBroker,
} from './kafka/index.js';
export { runTypeScript, type RunTypeScriptOptions } from './process/run-typescript.js';
