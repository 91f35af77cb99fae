export { eventually, type EventuallyOptions } from './eventually.js';
export { createTestDatabase, type TestDatabase, testServerUrl } from './postgres/test-database.js';
export { startTestServer, type TestServer } from './postgres/test-server.js';
export { describeWithKafka, testKafkaBrokers } from './kafka/describe-with-kafka.js';
export {
  type BrokerOptions,
  type KafkaBroker,
  startKafkaBroker,
  startOwnKafkaBroker,
} from './kafka/index.js';
export { runTypeScript, type RunTypeScriptOptions } from './process/run-typescript.js';
