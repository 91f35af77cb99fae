import { IsIn, Length, Matches, ValidateBy, ValidationTypes } from 'class-validator';
import { JSONSchema, targetConstructorToSchema } from 'class-validator-jsonschema';
import { type JsonObject } from '../json.js';
import { parseTimestamp } from './timestamp.js';

/** Code points of an id, at most (D44). */
export const MAX_ID_LENGTH = 200;

/** Text without control characters (Unicode category Cc: U+0000–U+001F and U+007F–U+009F). */
export const NO_CONTROL_CHARACTERS = /^\P{Cc}*$/u;

/** Who can have said something (D15). */
export const ROLES = ['customer', 'agent', 'system'] as const;

/** A class whose decorators are the rules of a kind of record. */
export type RecordClass = new () => object;

const IS_TIMESTAMP = 'isTimestamp';

/** An id: 1–200 code points without control characters, compared code point by code point. */
export function IsId(): PropertyDecorator {
  return all(Length(1, MAX_ID_LENGTH), Matches(NO_CONTROL_CHARACTERS));
}

/** An RFC 3339 date and time with a zone: see `parseTimestamp`. */
export function IsTimestamp(): PropertyDecorator {
  return ValidateBy({
    name: IS_TIMESTAMP,
    validator: { validate: (value) => typeof value === 'string' && parseTimestamp(value) !== null },
  });
}

/** One of `ROLES`, spelt exactly so. */
export function IsRole(): PropertyDecorator {
  return IsIn([...ROLES]);
}

/** Words for people, in the schemas alone. */
export function Means(description: string): PropertyDecorator {
  return JSONSchema({ description }) as PropertyDecorator;
}

/** An object that follows the rules of a class. */
export function Holds(type: RecordClass): PropertyDecorator {
  return JSONSchema(schemaOf(type)) as PropertyDecorator;
}

/** An array whose items follow the rules of a class. */
export function HoldsListOf(type: RecordClass): PropertyDecorator {
  return JSONSchema({ type: 'array', items: schemaOf(type) }) as PropertyDecorator;
}

/** The JSON Schema of a class, in the form that OpenAPI 3.0 takes (`nullable`), without references. */
export function schemaOf(type: RecordClass): JsonObject {
  return targetConstructorToSchema(type, {
    additionalConverters: {
      [ValidationTypes.CONDITIONAL_VALIDATION]: { nullable: true },
      [IS_TIMESTAMP]: { type: 'string', format: 'date-time' },
    },
  }) as JsonObject;
}

function all(...decorators: readonly PropertyDecorator[]): PropertyDecorator {
  return (target, key) => {
    for (const decorate of decorators) decorate(target, key);
  };
}
