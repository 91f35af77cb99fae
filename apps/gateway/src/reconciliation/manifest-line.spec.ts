import { describe, expect, it } from '@jest/globals';
import { decodeLine } from './manifest-line.js';

const HASH = 'a'.repeat(64);
const LINE = { agent_id: 'a', conversation_id: 'c', message_id: 'm', sha256: HASH };

const decode = (value: unknown) => decodeLine(Buffer.from(JSON.stringify(value)));

describe('a line of a manifest', () => {
  it('names a message, or without its id the header', () => {
    expect(decode(LINE)).toEqual(LINE);
    expect(decode({ ...LINE, message_id: null })).toEqual({ ...LINE, message_id: null });
    expect(decode({ agent: 'a', conversationId: 'c', sha256: HASH.toUpperCase() })).toEqual({
      ...LINE,
      message_id: null,
    });
  });

  it.each([
    [{ ...LINE, agent_id: undefined }, 'missing_field', ['agent_id']],
    [{ ...LINE, conversation_id: 7 }, 'wrong_type', ['conversation_id']],
    [{ ...LINE, message_id: '' }, 'too_short', ['message_id']],
    [{ ...LINE, message_id: 'x'.repeat(201) }, 'too_long', ['message_id']],
    [{ ...LINE, sha256: 'abc' }, 'wrong_type', ['sha256']],
    [{ ...LINE, sha256: undefined }, 'missing_field', ['sha256']],
    [{ ...LINE, messageid: 'm' }, 'unknown_parameter', ['messageid']],
    [{ ...LINE, agent: 'a' }, 'duplicate_key', ['agent']],
    [[LINE], 'wrong_type', []],
    [null, 'wrong_type', []],
  ])('is not %j', (value, code, place) => {
    expect(decode(value)).toMatchObject({ code, place });
  });

  it.each([
    ['{', 'malformed_json'],
    ['{"a":1,"a":2}', 'duplicate_key'],
    [Buffer.from([0x22, 0xff, 0x22]), 'invalid_utf8'],
  ])('is no other bytes, such as %j', (bytes, code) => {
    expect(decodeLine(Buffer.from(bytes))).toMatchObject({ code });
  });

  it('is told of by the beginning of a place that lies deep', () => {
    const deep = `${'{"a":'.repeat(30)}1,"a":1${'}'.repeat(30)}`;

    expect(decodeLine(Buffer.from(deep))).toMatchObject({ place: ['a', 'a', 'a'] });
  });

  it('is not too long', () => {
    expect(decodeLine(null)).toMatchObject({ code: 'too_large' });
  });
});
