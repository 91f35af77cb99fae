export { eventually, type EventuallyOptions } from './eventually.js';
export {
  type FaultMode,
  type FaultProxy,
  type FaultProxyOptions,
  startFaultProxy,
} from './faults/fault-proxy.js';
export { createTestDatabase, type TestDatabase, testServerUrl } from './postgres/test-database.js';
export { startTestServer, type TestServer } from './postgres/test-server.js';
export { type BrokerOptions, type KafkaBroker } from './kafka/broker.js';
export {
  describeWithKafka,
  isKafkaRequired,
  testKafkaBrokers,
} from './kafka/describe-with-kafka.js';
export { type SecuredBroker, startSecuredKafkaBroker } from './kafka/secured-broker.js';
export { startKafkaBroker, startOwnKafkaBroker } from './kafka/start-kafka-broker.js';
export { runTypeScript, type RunTypeScriptOptions } from './typescript/run-typescript.js';
