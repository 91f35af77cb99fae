import { type Json, type JsonObject } from '../json.js';

/**
 * The same schema as JSON Schema (draft 7), which has a type `null` in the place of OpenAPI's `nullable`, and a list of
 * examples in the place of one.
 */
export function asJsonSchema(schema: JsonObject): JsonObject {
  const { nullable, example, ...rest } = schema;
  const converted = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, convertedKeyword(name, value)]),
  );
  return {
    ...converted,
    ...(nullable === true && orNull(rest)),
    ...(example !== undefined && { examples: [example] }),
  };
}

function convertedKeyword(name: string, value: Json | undefined): Json | undefined {
  if (name === 'items') return asJsonSchema(value as JsonObject);
  if (name !== 'properties') return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([key, property]) => [
      key,
      asJsonSchema(property as JsonObject),
    ]),
  );
}

function orNull({ type, enum: choices }: JsonObject): JsonObject {
  return {
    ...(typeof type === 'string' && { type: [type, 'null'] }),
    ...(Array.isArray(choices) && { enum: [...(choices as Json[]), null] }),
  };
}
