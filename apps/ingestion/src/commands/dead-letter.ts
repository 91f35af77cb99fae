import { randomUUID } from 'node:crypto';
import { DOORS, type Door, type JsonObject } from '@parley/contracts';
import { type DeadLetter } from '@parley/event-store';
import { type DeliveredRecord } from '@parley/messaging';
import { type FreshRecord } from './applied-offsets.js';
import { type UnreadableRecord } from './prepared-record.js';

/** A record that can't be read, with its reason, its coordinates and its bytes. */
export function deadLetter(
  { source }: Pick<FreshRecord, 'source'>,
  { record, problem }: UnreadableRecord,
  now: number,
): DeadLetter {
  return {
    id: randomUUID(),
    arrived_at: now,
    version: null,
    door: doorOf(record),
    reason: problem.reason,
    detail: problem.message,
    bus_id: source.bus,
    incarnation: source.incarnation,
    topic: source.topic,
    partition: source.partition,
    offset: record.offset,
    record_key: record.key,
    headers: headersOf(record),
    value: record.value,
    agent_id: null,
    conversation_id: record.headers['ce_subject']?.toString('utf8').replaceAll('\0', '') ?? null,
    message_id: null,
    stream_id: null,
    attempts: 1,
    first_failed_at: now,
    last_failed_at: now,
  };
}

function doorOf(record: DeliveredRecord): Door {
  const named = record.headers['ce_source']?.toString('utf8');
  return DOORS.find((door) => named === `/doors/${door}`) ?? 'kafka';
}

/** Header values as base64: they can be any bytes. */
function headersOf(record: DeliveredRecord): JsonObject {
  const headers = Object.entries(record.headers);
  return Object.fromEntries(headers.map(([name, value]) => [name, value?.toString('base64')]));
}
