import { randomUUID } from 'node:crypto';
import { clockVersion, encodeCommand, type Problem } from '@parley/contracts';
import { type DeadLetter } from '@parley/event-store';
import { type DeliveredRecord, encodedHeaders, type Source } from '@parley/messaging';
import { NOBODY, type PreparedCommand, type UnreadableRecord } from './prepared-record.js';

type Kept = Pick<DeadLetter, 'record_key' | 'headers' | 'value'>;
type Coordinates = Pick<DeadLetter, 'bus_id' | 'incarnation' | 'topic' | 'partition' | 'offset'>;

const NOTHING: Kept = { record_key: null, headers: null, value: null };
const NOWHERE: Coordinates = {
  bus_id: null,
  incarnation: null,
  topic: null,
  partition: null,
  offset: null,
};

/** A record that can't be read, with its reason, its coordinates and its bytes. */
export function unreadableLetter(
  source: Source,
  { record, problem, door, identity }: UnreadableRecord,
  now: number,
): DeadLetter {
  return {
    ...letter(problem, now),
    ...coordinatesOf(source, record.offset),
    ...asDelivered(record),
    ...{ ...identity, door, version: null },
  };
}

/** Where a command came from; it has no coordinates where it came from the ledger. */
export type CommandPlace = { readonly source: Source; readonly record: DeliveredRecord } | null;

/**
 * A command that was refused or can't be applied. Of a partner's record this keeps the command that was made of it, for
 * the record itself is not redacted; of a deleted conversation's it keeps nothing, for no deletion would reach it.
 */
export function commandLetter(
  place: CommandPlace,
  { envelope }: PreparedCommand,
  { problem, now }: { readonly problem: Problem; readonly now: number },
): DeadLetter {
  const { data } = envelope.command;
  const base = {
    ...letter(problem, now),
    ...(place ? coordinatesOf(place.source, place.record.offset) : NOWHERE),
    door: envelope.door,
    // What comes after it must not be overwritten when it is redriven.
    version: envelope.version ?? clockVersion(now),
  };
  if (problem.reason === 'conversation_deleted') return { ...base, ...NOTHING, ...NOBODY };
  return {
    ...base,
    ...(place && envelope.door !== 'kafka' ? asDelivered(place.record) : asCommand(envelope)),
    agent_id: data.agent_id ?? null,
    conversation_id: data.conversation_id,
    message_id: 'message' in data ? data.message.message_id : null,
  };
}

function letter({ reason, message }: Problem, now: number) {
  return {
    id: randomUUID(),
    arrived_at: now,
    reason,
    detail: message,
    stream_id: null,
    attempts: 1,
    first_failed_at: now,
    last_failed_at: now,
  };
}

function coordinatesOf({ bus, incarnation, topic, partition }: Source, offset: number) {
  return { bus_id: bus, incarnation, topic, partition, offset };
}

function asDelivered({
  key,
  headers,
  value,
}: Pick<DeliveredRecord, 'key' | 'headers' | 'value'>): Kept {
  return { record_key: key, headers: encodedHeaders(headers), value };
}

function asCommand(envelope: PreparedCommand['envelope']): Kept {
  const { key, headers, value } = encodeCommand(envelope);
  return asDelivered({ key: Buffer.from(key), headers, value });
}
