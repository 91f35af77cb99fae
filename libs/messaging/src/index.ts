export * from './bus.js';
export { type Backoff } from './consumption-state.js';
export { encodedHeaders } from './headers.js';
export { type GroupTiming, type KafkaBusOptions, type KafkaLogLine } from './kafka/kafka-client.js';
export { openKafkaBus } from './kafka/kafka-bus.js';
export { ConsumptionSilentError, refuseSilence } from './silence.js';
export { partitionOf } from './partitioner.js';
export { HandlerFailedError } from './partition-worker.js';
export {
  type RegisteredTopic,
  type TopicHost,
  TopicRecreatedError,
  TopicRegistry,
  UnknownTopicError,
} from './topic-registry.js';
export { openEmbeddedBus } from './embedded/embedded-bus.js';
export { type EmbeddedBusOptions } from './embedded/embedded-options.js';
export { countUnapplied, type UnappliedQuestion } from './embedded/unapplied.js';
export {
  BusTransport,
  type BusTransportOptions,
  NestHandlerError,
  type TopicDelivery,
} from './bus-transport.js';
