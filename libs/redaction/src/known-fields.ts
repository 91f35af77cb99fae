import { type Json } from '@parley/contracts';

/**
 * What holds for a field that we know, whatever the policy says. `kept`: types and times, never looked at; `identity`: an
 * id, looked at and never changed; `said`: what the sender says is missing, looked at but itself no field to mask;
 * `text`, `person`, `list` and `object`: keep their type.
 */
export type Known = 'kept' | 'identity' | 'said' | 'text' | 'person' | 'list' | 'object';

/** The fields that a kind of record is known to have; every other one is the sender's own. */
export type KnownFields = ReadonlyMap<string, Known>;

/** A conversation's own fields. */
export const HEADER: KnownFields = new Map([
  ['timestamp', 'kept'],
  ['is_resolved', 'kept'],
  ['csat_score', 'kept'],
  ['user_data', 'object'],
  ['missing_info', 'said'],
]);

/** A message's fields. */
export const MESSAGE: KnownFields = new Map([
  ['message_id', 'identity'],
  ['role', 'kept'],
  ['timestamp', 'kept'],
  ['sender_id', 'person'],
  ['content', 'text'],
  ['logs', 'list'],
]);

const LONGEST_PERSON = 200;
const HIDDEN = '[redacted]';

/** What a field that is masked as a whole holds from then on. */
export function hidden(known: Known | undefined): Json {
  if (known === 'list') return [];
  return known === 'object' ? {} : HIDDEN;
}

/** A changed value within the bounds of its field: a label can be longer than what it stands for. */
export function bounded(value: Json, known: Known | undefined): Json {
  if (known !== 'person' || typeof value !== 'string') return value;
  return value.length > LONGEST_PERSON ? HIDDEN : value;
}
