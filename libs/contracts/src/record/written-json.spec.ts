import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Json } from '../json.js';
import { parseJson } from './json-document.js';
import { parseWrittenJson } from './written-json.js';

const MAX_DEPTH = 6;
const read = (text: string): Json | undefined => parseWrittenJson(Buffer.from(text), MAX_DEPTH);

describe('JSON as we write it', () => {
  it('is accepted only where reading it thoroughly accepts it, with the same value', () => {
    const spellings = fc.tuple(fc.json({ maxDepth: 9 }), fc.nat(80), fc.nat(3), fc.string());
    const texts = fc.oneof(
      fc.json({ maxDepth: 9 }),
      spellings.map(([text, at, cut, piece]) => text.slice(0, at) + piece + text.slice(at + cut)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const value = read(text);
        const thorough = parseJson(Buffer.from(text), MAX_DEPTH);
        if (value !== undefined) expect(thorough).toEqual({ ok: true, value, warnings: [] });
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    'null',
    '"é😀\\n\\\\x"',
    '{"b":[1.5,-2,1e+21,true],"a":{"":[]}}',
    '{"__proto__":{"a":1}}',
    '[[[[[[]]]]]]',
  ])('is read without looking at each character: %s', (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['a space', '{"a": 1}'],
    ['a key twice', '{"a":1,"a":1}'],
    ['an integer beyond 2^53', '[9007199254740993]'],
    ['a number of another spelling', '[1.0]'],
    ['minus zero', '[-0]'],
    ['U+0000', '["\\u0000"]'],
    ['half of a surrogate pair', '["\\ud800"]'],
    ['a byte order mark', '\uFEFF[]'],
    ['too many levels', '[[[[[[[]]]]]]]'],
    ['a depth at which JSON.stringify gives up', '['.repeat(100_000) + ']'.repeat(100_000)],
    [
      'too many keys',
      JSON.stringify(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`k${i}`, i]))),
    ],
    ['no JSON', '{"a":tru}'],
  ])('leaves %s to the thorough reader', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  it('leaves bytes that are not UTF-8 to the thorough reader', () => {
    expect(parseWrittenJson(Uint8Array.from([0x22, 0xc0, 0xaf, 0x22]), MAX_DEPTH)).toBeUndefined();
  });
});
