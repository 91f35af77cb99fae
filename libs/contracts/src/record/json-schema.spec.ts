import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { type Json, type JsonObject } from '../json.js';
import { conversationRecordSchema } from './conversation.decoder.js';
import { asJsonSchema } from './json-schema.js';
import { partnerMessageSchema } from './message.decoder.js';
import { decodePartnerRecord } from './partner.decoder.js';

const SCHEMAS = { conversation: conversationRecordSchema, message: partnerMessageSchema };

function accepts(schema: JsonObject, value: Json): boolean {
  const ajv = new Ajv({ strict: false, formats: { 'date-time': true } });
  return ajv.compile(asJsonSchema(schema))(value);
}

function isTaken(value: Json): boolean {
  const record = { headers: {}, value: Buffer.from(JSON.stringify(value)) };
  return decodePartnerRecord(record, { tenantNames: [], now: Date.now() }).ok;
}

describe('the JSON Schema of a record', () => {
  it.each(Object.entries(SCHEMAS))('has no word of OpenAPI’s own: %s', (_, schema) => {
    expect(JSON.stringify(asJsonSchema(schema))).not.toMatch(/"(nullable|example)":/);
  });

  it.each(Object.entries(SCHEMAS))(
    'takes its example, and null for what may be absent: %s',
    (_, schema) => {
      const example = schema['example'] as JsonObject;
      const required = new Set(schema['required'] as string[]);
      const optional = Object.keys(schema['properties'] as JsonObject).filter(
        (name) => !required.has(name),
      );
      const nulls = Object.fromEntries(optional.map((name) => [name, null]));
      for (const value of [example, { ...example, ...nulls }]) {
        expect([accepts(schema, value), isTaken(value)]).toEqual([true, true]);
      }
      for (const name of required) {
        expect([
          accepts(schema, { ...example, [name]: null }),
          isTaken({ ...example, [name]: null }),
        ]).toEqual([false, false]);
      }
    },
  );
});
