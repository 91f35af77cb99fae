import { type Json, type JsonObject } from '../json.js';
import { type Problem } from '../reason-codes.js';
import { MAX_RECORD_BYTES } from '../topics.js';
import { accepted, type Decoded, type Place, problem, refused, shownKey } from './decoded.js';
import { type Aliases, isObject, rename } from './field-names.js';
import { MAX_KEYS } from './json-scanner.js';
import { type Checker, checkerOf } from './record-checker.js';
import { type RecordClass, schemaOf } from './record-rules.js';
import { parseTimestamp } from './timestamp.js';

/** Bytes of one header or one message as JSON, at most: what a bus record holds, less its envelope. */
export const MAX_FIELDS_BYTES = MAX_RECORD_BYTES - 32 * 1024;

const DAY_MS = 86_400_000;
const LONGEST_ESCAPE = 6;
const LONGEST_SCALAR = 25;

/** A kind of record: its rules, the names it knows, and the other names that it takes. */
export interface RecordKind {
  readonly check: Checker;
  readonly known: ReadonlySet<string>;
  readonly aliases: Aliases;
}

/** The kind of record that a class describes. */
export function recordKind(type: RecordClass, aliases: Aliases = []): RecordKind {
  const { properties } = schemaOf(type) as { properties: JsonObject };
  return { check: checkerOf(type), known: new Set(Object.keys(properties)), aliases };
}

/** The fields under their documented names, checked; problems are placed by the names that were sent. */
export function readFields(kind: RecordKind, sent: Json): Decoded<JsonObject> {
  const { value, sentAs, problems } = rename(sent, kind.aliases);
  const found = kind.check(value);
  if (found.length === 0 && problems.length === 0) return accepted(value as JsonObject);
  const inSentNames = found.map(({ reason, place: [first, ...rest], message }) =>
    problem(
      reason,
      first === undefined ? [] : [sentAs.get(String(first)) ?? first, ...rest],
      message,
    ),
  );
  return refused([...problems, ...inSentNames]);
}

/** The fields without those known ones that are null, which counts as absent; unknown ones are kept as sent. */
export function withoutNulls(fields: JsonObject, { known }: RecordKind): JsonObject {
  for (const name of known) {
    if (fields[name] === null) {
      return Object.fromEntries(
        Object.entries(fields).filter(([key, value]) => value !== null || !known.has(key)),
      );
    }
  }
  return fields;
}

/** What there is to say of accepted fields: names that we don't know, and a timestamp far in the future. */
export function warningsOf(
  kind: RecordKind,
  fields: JsonObject,
  now: number,
  prefix = '',
): string[] {
  const warnings = Object.keys(fields)
    .filter((name) => !kind.known.has(name))
    .map((name) => `unknown_field:${prefix}${shownKey(name)}`);
  const instant = parseTimestamp(fields['timestamp'] as string);
  if (Number(instant?.micros ?? 0) / 1000 > now + DAY_MS) warnings.push('future_timestamp');
  return warnings;
}

/** What is wrong with a header or a message that no door would take: too many keys, or more than a record can hold. */
export function checkBounds(fields: JsonObject, place: Place): Problem[] {
  const hasTooMany = Object.keys(fields).length > MAX_KEYS;
  const tooMany = problem('too_many_keys', place, `has more than ${MAX_KEYS} keys`);
  return [...(hasTooMany ? [tooMany] : []), ...checkSize(fields, place)];
}

/** Refuses a header or a message that no record of the bus could hold. */
export function checkSize(fields: JsonObject, place: Place): Problem[] {
  if (roughBytes(fields) <= MAX_FIELDS_BYTES) return [];
  if (Buffer.byteLength(JSON.stringify(fields)) <= MAX_FIELDS_BYTES) return [];
  return [problem('too_large', place, `is larger than ${MAX_FIELDS_BYTES} bytes as JSON`)];
}

/** Never less than the bytes of the value as JSON: writing it out to count them costs more. */
function roughBytes(value: Json | undefined): number {
  if (typeof value === 'string') return value.length * LONGEST_ESCAPE + 2;
  if (typeof value !== 'object' || value === null) return LONGEST_SCALAR;
  let bytes = 2;
  if (isObject(value)) {
    for (const key in value) bytes += key.length * LONGEST_ESCAPE + 4 + roughBytes(value[key]);
  } else {
    for (const item of value) bytes += 1 + roughBytes(item);
  }
  return bytes;
}
