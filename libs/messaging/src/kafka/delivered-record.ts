import { type KafkaMessage } from 'kafkajs';
import { type DeliveredRecord } from '../bus.js';
import { type FetchedMessage } from './record-batch.js';

/** What kafkajs hands on is what our decoder made, though kafkajs does not know it. */
export function fetchedMessage(message: KafkaMessage): FetchedMessage {
  return message as KafkaMessage & FetchedMessage;
}

/** A message as kafkajs hands it on in the bus's own shape. */
export function deliveredRecord(message: KafkaMessage): DeliveredRecord {
  const { undecodable, offset, timestamp, key, value, headers } = fetchedMessage(message);
  return {
    ...(undecodable === undefined ? {} : { undecodable }),
    ...{ offset: Number(offset), timestamp: Number(timestamp) },
    ...{ key, headers, value },
  };
}
