import { Ajv, type ErrorObject } from 'ajv';
import { type Json } from '../json.js';
import { type Problem, type ReasonCode } from '../reason-codes.js';
import { type Place, problem } from './decoded.js';
import { type RecordClass, schemaOf } from './record-rules.js';
import { parseTimestamp } from './timestamp.js';

/** Names everything in a value that breaks the rules of a class; `[]` where nothing does. */
export type Checker = (value: Json) => readonly Problem[];

const REASONS: Readonly<Record<string, ReasonCode>> = {
  required: 'missing_field',
  type: 'wrong_type',
  minimum: 'out_of_range',
  maximum: 'out_of_range',
  minLength: 'too_short',
  maxLength: 'too_long',
  pattern: 'control_character',
  format: 'bad_timestamp',
};

// Where there is none, ajv's own words do: they quote the rule and never the value.
const MESSAGES: Readonly<Record<string, string>> = {
  enum: 'is none of the values that are known here',
  required: 'is missing',
  pattern: 'holds a control character',
  format: 'must be an RFC 3339 date and time with a zone, in the years 1970 to 9999',
};

const ajv = new Ajv({ allErrors: true, verbose: true, keywords: ['example'] });
ajv.addFormat('date-time', { validate: (text: string) => parseTimestamp(text) !== null });

/** Compiles the rules of a class, once for all. */
export function checkerOf(type: RecordClass): Checker {
  const validate = ajv.compile(schemaOf(type));
  return (value) => (validate(value) ? [] : (validate.errors ?? []).flatMap(problemsOf));
}

function problemsOf(error: ErrorObject): readonly Problem[] {
  const { keyword, data, params, message = '' } = error;
  const isChoice = keyword === 'enum' || isChoiceOfNull(error);
  // A value of another type breaks `type` as well, which then says it all.
  if (isChoice && (keyword === 'type' || (data !== null && typeof data !== 'string'))) return [];
  const reason = isChoice ? choiceReason(error) : (REASONS[keyword] ?? 'wrong_type');
  return [problem(reason, placeOf(error.instancePath, params), MESSAGES[keyword] ?? message)];
}

function isChoiceOfNull({ data, parentSchema }: ErrorObject): boolean {
  return data === null && parentSchema?.['enum'] !== undefined;
}

function choiceReason({ instancePath }: ErrorObject): ReasonCode {
  return instancePath.endsWith('/role') ? 'unknown_role' : 'wrong_type';
}

/** Our own names hold no character that JSON Pointer would escape; a sender's own names are never checked. */
function placeOf(pointer: string, params: ErrorObject['params']): Place {
  const place = pointer
    .split('/')
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  const missing: unknown = params['missingProperty'];
  return typeof missing === 'string' ? [...place, missing] : place;
}
