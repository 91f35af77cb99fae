import { MAX_RECORD_BYTES } from '@parley/contracts';
import { type BusRecord, RecordTooLargeError } from './bus.js';

/** Largest key and headers of one record together; with the value they stay below Kafka's default limit of a batch. */
const MAX_EXTRA_BYTES = 64 * 1024;
/** What Kafka's format adds to a record and to each of its headers, at most. */
const RECORD_OVERHEAD = 64;

/** Bytes that a record takes on the bus, rounded up. */
export function recordBytes(record: BusRecord): number {
  return RECORD_OVERHEAD + record.value.length + extraBytes(record);
}

/** Throws `RecordTooLargeError` for the first record that the bus does not take. */
export function refuseTooLarge(records: readonly BusRecord[]): void {
  for (const record of records) {
    if (record.value.length > MAX_RECORD_BYTES)
      throw new RecordTooLargeError(`a value of ${record.value.length} bytes`);
    if (extraBytes(record) > MAX_EXTRA_BYTES)
      throw new RecordTooLargeError(`key and headers above ${MAX_EXTRA_BYTES} bytes`);
  }
}

function extraBytes({ key, headers }: BusRecord): number {
  let bytes = Buffer.byteLength(key);
  for (const name in headers)
    bytes += Buffer.byteLength(name) + Buffer.byteLength(headers[name]!) + RECORD_OVERHEAD / 8;
  return bytes;
}
