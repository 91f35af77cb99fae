import { CONVERSATION } from './samples.js';

interface BadBody {
  readonly what: string;
  readonly body: () => Buffer;
  readonly status: number;
  readonly reason: string;
}

/** JSON text of that many levels, and one more. */
export const nested = (levels: number): string =>
  `{"x":${'['.repeat(levels)}${']'.repeat(levels)}}`;

/** A conversation as text, so that what JSON.stringify can't write can be put into it. */
const text = (user_data: string): string =>
  JSON.stringify(CONVERSATION).replace(/}$/, `,"user_data":${user_data}}`);
const bytes = (...values: readonly number[]): Buffer =>
  Buffer.concat([
    Buffer.from(text('{"x":"MARK"}').split('MARK')[0] ?? ''),
    Buffer.from(values),
    Buffer.from('"}}'),
  ]);

function bad(what: string, user_data: string, reason: string, status = 422): BadBody {
  return { what, body: () => Buffer.from(text(user_data)), status, reason };
}

/** What is wrong with the text itself. */
export const BAD_BODIES: readonly BadBody[] = [
  bad('a trailing comma', '{"x":1,}', 'malformed_json', 400),
  bad('a comment', '{"x":1/**/}', 'malformed_json', 400),
  bad('NaN', '{"x":NaN}', 'malformed_json', 400),
  bad('Infinity', '{"x":Infinity}', 'malformed_json', 400),
  bad('single quotes', "{'x':1}", 'malformed_json', 400),
  ...[62, 63, 64, 1_000, 5_000, 100_000, 400_000]
    .map((levels) => bad(`${String(levels + 2)} levels`, nested(levels), 'too_deep'))
    .filter(({ what }) => Number.parseInt(what, 10) > 64),
  bad('too many levels, never closed', `{"x":${'['.repeat(5_000)}`, 'malformed_json', 400),
  ...[
    ['an overlong form', 0xc0, 0xaf],
    ['a truncated form', 0xe2, 0x82],
    ['a surrogate in UTF-8', 0xed, 0xa0, 0x80],
    ['a code point beyond the last', 0xf4, 0x90, 0x80, 0x80],
    ['a lone continuation byte', 0x80],
    ['a byte that is never used', 0xff],
  ].map(([what, ...values]) => ({
    what: String(what),
    body: () => bytes(...values.map(Number)),
    status: 400,
    reason: 'invalid_utf8',
  })),
  {
    what: 'UTF-16 text',
    body: () => Buffer.from(text('{}'), 'utf16le'),
    status: 400,
    reason: 'malformed_json',
  },
  {
    what: 'UTF-16 text and its mark',
    body: () => Buffer.from(`\ufeff${text('{}')}`, 'utf16le'),
    status: 400,
    reason: 'invalid_utf8',
  },
  bad('NUL in a text', '{"x":"\\u0000"}', 'nul_character'),
  bad('NUL in a key', '{"\\u0000":1}', 'nul_character'),
  bad('half of a surrogate pair', '{"x":"\\ud800"}', 'lone_surrogate'),
  bad('the other half', '{"x":"a\\udc00"}', 'lone_surrogate'),
  bad('half a pair in a key', '{"\\ud83d":1}', 'lone_surrogate'),
  bad('a raw NUL', '{"x":"\0"}', 'malformed_json', 400),
  bad('a raw line feed in a text', '{"x":"\n"}', 'malformed_json', 400),
  bad('2^53 + 1', '{"x":9007199254740993}', 'unsafe_number'),
  bad('1e400', '{"x":1e400}', 'unsafe_number'),
  bad('-1e400', '{"x":-1e400}', 'unsafe_number'),
  bad('1e-400', '{"x":1e-400}', 'unsafe_number'),
  bad('400 digits', `{"x":${'1'.repeat(400)}}`, 'unsafe_number'),
  bad('a key twice', '{"x":1,"x":1}', 'duplicate_key'),
  bad('a key twice, once escaped', '{"x":1,"\\u0078":2}', 'duplicate_key'),
  bad('a key twice, deep inside', '{"x":[{"y":{"z":1,"z":2}}]}', 'duplicate_key'),
  bad('a field twice', '{}, "agent":"other"', 'duplicate_key'),
  bad(
    '1,001 keys',
    JSON.stringify(
      Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`k${String(n)}`, n])),
    ),
    'too_many_keys',
  ),
];
