import { type IHeaders, type KafkaMessage } from 'kafkajs';
import { type DeliveredRecord } from '../bus.js';

/** A Kafka record in the bus's own shape; of a header that came more than once the last counts. */
export function deliveredRecord(message: KafkaMessage): DeliveredRecord {
  const { offset, timestamp, key, value, headers } = message;
  return {
    offset: Number(offset),
    timestamp: Number(timestamp),
    key,
    headers: headers ? deliveredHeaders(headers) : {},
    value,
  };
}

function deliveredHeaders(headers: IHeaders): DeliveredRecord['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, given]) => {
      const value = Array.isArray(given) ? given.at(-1) : given;
      return [name, typeof value === 'string' ? Buffer.from(value) : (value ?? undefined)];
    }),
  );
}
