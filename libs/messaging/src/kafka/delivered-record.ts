import { type KafkaMessage } from 'kafkajs';
import { type DeliveredRecord } from '../bus.js';
import { type FetchedMessage } from './record-batch.js';

/** A message as kafkajs hands it on, which our decoder made, in the bus's own shape. */
export function deliveredRecord(message: KafkaMessage): DeliveredRecord {
  const { undecodable, offset, timestamp, key, value, headers } = message as KafkaMessage &
    FetchedMessage;
  return {
    ...(undecodable === undefined ? {} : { undecodable }),
    ...{ offset: Number(offset), timestamp: Number(timestamp) },
    ...{ key, headers, value },
  };
}
