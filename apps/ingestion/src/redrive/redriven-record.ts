import {
  clockVersion,
  type CommandEnvelope,
  type JsonObject,
  tenantOfPartnerTopic,
} from '@parley/contracts';
import { type DeadLetter } from '@parley/event-store';
import { type DeliveredRecord } from '@parley/messaging';
import {
  isCommand,
  prepare,
  type PreparedRecord,
  prepareEnvelope,
  unreadable,
} from '../commands/prepared-record.js';
import { type Prepare } from '../commands/record-reader.js';

/**
 * Makes of a dead letter what the transaction takes, as the door did at its first arrival: under the same command id,
 * and with the version of that time, so that it does not overwrite what came after it. `asPartner` reads what a
 * partner's record was. `request` is the record that asks for it, whose place in the bus is what is passed.
 */
export function redrivenRecord(
  letter: DeadLetter,
  request: DeliveredRecord,
  asPartner: Prepare,
): PreparedRecord {
  const { id: letterId, version } = letter;
  const prepared = { ...preparedAgain(letter, asPartner), letterId, record: request };
  if (!isCommand(prepared)) return prepared;
  const { envelope } = prepared;
  const first = envelope.version ?? version ?? clockVersion(letter.arrived_at);
  return { ...prepared, envelope: { ...envelope, version: first } };
}

function preparedAgain(letter: DeadLetter, asPartner: Prepare): PreparedRecord {
  const record = recordOf(letter);
  const { reason, detail } = letter;
  if (letter.value === null) return unreadable(record, { reason, place: [], message: detail });
  // Of what waited too long the first release kept the bare command.
  if (letter.headers === null) {
    const envelope = JSON.parse(Buffer.from(letter.value).toString('utf8')) as CommandEnvelope;
    return { record, ...prepareEnvelope(envelope) };
  }
  const { topic, bus_id: bus, incarnation, partition } = letter;
  const isPartners = topic !== null && tenantOfPartnerTopic(topic) !== null;
  // A letter with a version holds the command that was made of the record, and not the record.
  if (!isPartners || letter.version !== null) return prepare(record);
  const place = { bus: bus ?? '', incarnation: incarnation ?? 0, partition: partition ?? 0 };
  return asPartner(record, { ...place, topic, group: '' });
}

function recordOf({ offset, record_key, headers, value, arrived_at }: DeadLetter): DeliveredRecord {
  return {
    offset: offset ?? 0,
    timestamp: Math.floor(arrived_at / 1000),
    key: record_key && Buffer.from(record_key),
    headers: headersOf(headers),
    value: value && Buffer.from(value),
  };
}

function headersOf(encoded: JsonObject | null): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries((encoded ?? {}) as Record<string, string>).map(([name, text]) => [
      name,
      Buffer.from(text, 'base64'),
    ]),
  );
}
