import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { type Json, type JsonObject } from '../json.js';
import { canonicalText } from './canonical-text.js';

const keys = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('__proto__', 'constructor', 'toJSON', '10', '9', '01', '-1', '\ufb33', '😀', ''),
);
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }),
    fc.constantFrom<Json>(null, true, 0, -0, 1e21, 1e-7, 0.1, '\u2028"\\', '\u0007'),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 20 }),
  ),
}));

describe('the canonical form', () => {
  it('is that of RFC 8785 for whatever JSON can hold', () => {
    fc.assert(
      fc.property(fc.dictionary(keys, value, { maxKeys: 20 }), (object: JsonObject) => {
        expect(canonicalText(object)).toBe(canonicalize(object));
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves out what is undefined, and leaves the object as it was', () => {
    const object = { b: 1, a: undefined, c: [{ z: 1, y: 2 }] };
    expect(canonicalText(object)).toBe('{"b":1,"c":[{"y":2,"z":1}]}');
    expect(Object.keys(object)).toEqual(['b', 'a', 'c']);
  });

  it('refuses half of a surrogate pair, but not a text that only looks like its escape', () => {
    expect(() => canonicalText({ a: '\ud83d' })).toThrow();
    expect(canonicalText({ a: '\\ud83d' })).toBe('{"a":"\\\\ud83d"}');
  });
});
