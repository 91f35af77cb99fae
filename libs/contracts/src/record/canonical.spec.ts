import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Json, type JsonObject } from '../json.js';
import { contentHash, headerHash, messageHash } from './canonical.js';
import { parseJson } from './json-document.js';

const hashOf = (text: string): string => {
  const decoded = parseJson(Buffer.from(text));
  return contentHash((decoded.ok ? decoded.value : {}) as JsonObject);
};

describe('the content hash', () => {
  it('is the SHA-256 of the canonical form', () => {
    // printf '{"a":1,"b":[true,"€"]}' | sha256sum
    expect(contentHash({ b: [true, '€'], a: 1 })).toBe(
      'f5ffb5f360c20763e488398108bdf82acfd4db5766883195376dffe9606b0d56',
    );
  });

  it('does not depend on the order of keys, at any depth', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (value) => {
        expect(contentHash(reversed(value as Json) as JsonObject)).toBe(contentHash(value));
      }),
    );
  });

  it.each([
    ['{"a":1.0,"b":1e2,"c":-0}', '{"c":0,"b":100,"a":1}'],
    ['{"a":"\\u0041\\/"}', ' { "a" : "A/" } '],
    ['{"10":1,"9":2}', '{"9":2,"10":1}'],
    ['{"__proto__":{"a":1}}', '{"\\u005f_proto__":{"a":1}}'],
  ])('is the same for %s and %s', (one, other) => {
    expect(hashOf(one)).toBe(hashOf(other));
  });

  it.each([
    ['{"a":1}', '{"a":"1"}'],
    ['{"a":null}', '{}'],
    ['{"a":[1,2]}', '{"a":[2,1]}'],
    ['{"a":"\u00e9"}', '{"a":"e\u0301"}'],
    ['{"__proto__":{"a":1}}', '{}'],
  ])('differs for %s and %s', (one, other) => {
    expect(hashOf(one)).not.toBe(hashOf(other));
  });

  it('of a header covers the identity, whatever the header itself says', () => {
    const header = { timestamp: '2024-01-15T10:30:00Z', is_resolved: true };
    const hash = headerHash('agent', 'conversation', header);
    expect(hash).toBe(
      contentHash({ ...header, agent_id: 'agent', conversation_id: 'conversation' }),
    );
    expect(headerHash('agent', 'conversation', { ...header, agent_id: 'x' })).toBe(hash);
    expect(headerHash('other', 'conversation', header)).not.toBe(hash);
    expect(headerHash('agent', 'other', header)).not.toBe(hash);
  });

  it('of a message covers every field, known or not', () => {
    const message = {
      message_id: 'm',
      role: 'customer',
      sender_id: 's',
      content: '',
      timestamp: '2024-01-15T10:30:00Z',
    };
    expect(messageHash({ ...message, extra: 1 })).not.toBe(messageHash(message));
    expect(messageHash({ ...message, content: ' ' })).not.toBe(messageHash(message));
  });
});

function reversed(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item: Json) => reversed(item) as Json);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, field]) => [key, reversed(field as Json)]),
  );
}
