import { describe, expect, it } from '@jest/globals';
import { type Json, type JsonObject } from '../json.js';
import { checkId } from './check-id.js';
import {
  conversationUploadSchema,
  decodeConversationRecord,
  decodeConversationUpload,
} from './conversation.decoder.js';
import { type Decoded } from './decoded.js';
import { decodeMessageUpload, messageUploadSchema } from './message.decoder.js';

const NOW = Date.parse('2024-06-01T00:00:00Z');
const header = { timestamp: '2024-01-15T10:30:00Z', is_resolved: false } as const;
const upload = { conversation_id: 'c1', agent: 'bot', ...header } as const;
const message = {
  message_id: 'm1',
  role: 'customer',
  sender_id: 's1',
  content: 'Hello',
  timestamp: '2024-01-15T10:31:00.123456Z',
} as const;
const record = { conversation_id: 'c1', agent_id: 'bot', ...header, messages: [message] } as const;

function problems(decoded: Decoded<unknown>): string[] {
  return decoded.ok
    ? []
    : decoded.problems.map(({ reason, place }) => `${reason} ${place.join('.')}`);
}

describe('an uploaded conversation', () => {
  it('becomes a command that says only what was sent', () => {
    expect(
      decodeConversationUpload({ ...upload, csat_score: null, user_data: { a: null } }, NOW),
    ).toEqual({
      ok: true,
      value: {
        type: 'RecordConversation',
        data: {
          conversation_id: 'c1',
          agent_id: 'bot',
          mode: 'merge',
          header: { ...header, user_data: { a: null } },
          messages: [],
        },
      },
      warnings: [],
    });
  });

  it('keeps fields that are not known as sent, even null, and names them', () => {
    const sent: Json = { ...upload, csat_score: null, status: 'done', note: null, messages: [] };
    const decoded = decodeConversationUpload(sent, NOW);
    expect(decoded).toMatchObject({
      value: {
        data: { header: { ...header, status: 'done', note: null, messages: [] }, messages: [] },
      },
      warnings: ['unknown_field:status', 'unknown_field:note', 'unknown_field:messages'],
    });
  });

  it('keeps __proto__ as data, at the top and below', () => {
    const text = '{"__proto__":{"is_resolved":true},"user_data":{"__proto__":{"x":1}}}';
    const { agent: agentId, ...others } = upload;
    const sent = { ...(JSON.parse(text) as JsonObject), ...others, agentId, csat_score: null };
    const decoded = decodeConversationUpload(sent, NOW);
    expect(decoded).toMatchObject({ ok: true, warnings: ['unknown_field:__proto__'] });
    const kept = decoded.ok ? decoded.value.data.header : {};
    expect(JSON.stringify(kept)).toBe(
      '{"__proto__":{"is_resolved":true},"user_data":{"__proto__":{"x":1}},"timestamp":"2024-01-15T10:30:00Z","is_resolved":false}',
    );
    expect(Object.getPrototypeOf(kept)).toBe(Object.prototype);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it.each(['agent_id', 'agentId'])('may name its agent by %s', (alias) => {
    const { agent, ...others } = upload;
    expect(decodeConversationUpload({ ...others, [alias]: agent }, NOW)).toEqual(
      decodeConversationUpload(upload, NOW),
    );
    expect(problems(decodeConversationUpload({ ...others, [alias]: 5 }, NOW))).toEqual([
      `wrong_type ${alias}`,
    ]);
    expect(problems(decodeConversationUpload({ ...others, [alias]: null }, NOW))).toEqual([
      `wrong_type ${alias}`,
    ]);
  });

  it('may name the same thing twice, but not two different things', () => {
    expect(
      decodeConversationUpload({ ...upload, agentId: 'bot', conversationId: null }, NOW),
    ).toEqual(decodeConversationUpload(upload, NOW));
    expect(problems(decodeConversationUpload({ ...upload, agent_id: 'other' }, NOW))).toEqual([
      'duplicate_key agent_id',
    ]);
    expect(problems(decodeConversationUpload({ ...upload, conversationId: 'c2' }, NOW))).toEqual([
      'duplicate_key conversationId',
    ]);
  });

  it('is warned of when it comes from more than a day ahead', () => {
    const at = (timestamp: string) => decodeConversationUpload({ ...upload, timestamp }, NOW);
    expect(at('2024-06-02T00:00:00Z')).toMatchObject({ ok: true, warnings: [] });
    expect(at('2024-06-02T00:00:00.001Z')).toMatchObject({
      ok: true,
      warnings: ['future_timestamp'],
    });
    expect(at('9999-12-31T23:59:59Z')).toMatchObject({ ok: true, warnings: ['future_timestamp'] });
  });

  it('gets at most 50 warnings, each of a bounded length', () => {
    const names = Array.from({ length: 900 }, (_, index) => `${index}${'x'.repeat(500)}`);
    const fields: JsonObject = Object.fromEntries(names.map((name) => [name, 1]));
    const decoded = decodeConversationUpload({ ...fields, ...upload }, NOW);
    const warnings = decoded.ok ? decoded.warnings : [];
    expect(warnings).toHaveLength(50);
    expect(Math.max(...warnings.map(({ length }) => length))).toBeLessThan(130);
  });

  it('with several faults has all of them named', () => {
    expect(
      problems(
        decodeConversationUpload({ agent: '', timestamp: 'now', is_resolved: 'no' }, NOW),
      ).sort(),
    ).toEqual([
      'bad_timestamp timestamp',
      'missing_field conversation_id',
      'too_short agent',
      'wrong_type is_resolved',
    ]);
  });

  it('is refused in words that quote nothing of it', () => {
    const secret = 'hunter2\n';
    const sent = { ...upload, conversation_id: secret, agent: [secret], timestamp: secret };
    const decoded = decodeConversationUpload({ ...sent, csat_score: secret }, NOW);
    expect(problems(decoded)).toHaveLength(4);
    expect(JSON.stringify(decoded)).not.toContain('hunter2');
  });
});

describe('an uploaded message', () => {
  it('becomes a command without its parent in its fields', () => {
    expect(decodeMessageUpload({ conversation_id: 'c1', ...message, logs: null }, NOW)).toEqual({
      ok: true,
      value: { type: 'RecordMessage', data: { conversation_id: 'c1', message } },
      warnings: [],
    });
  });

  it('may name its agent, which is no part of it either', () => {
    for (const name of ['agent', 'agent_id', 'agentId']) {
      const sent = { conversationId: 'c1', [name]: 'bot', ...message };
      expect(decodeMessageUpload(sent, NOW)).toEqual({
        ok: true,
        value: { type: 'RecordMessage', data: { conversation_id: 'c1', agent_id: 'bot', message } },
        warnings: [],
      });
    }
  });

  it('keeps whatever its logs hold', () => {
    const logs = [{ name: 'a', content: { b: [1] } }, {}, 'text', null];
    expect(decodeMessageUpload({ conversation_id: 'c1', ...message, logs }, NOW)).toMatchObject({
      value: { data: { message: { logs } } },
    });
  });
});

describe('a conversation record', () => {
  it('becomes a command that says all, defaults filled in', () => {
    const missing_info = { reason: 'privacy', fields: ['phone_number'] };
    const sent = { ...record, is_resolved: null, csat_score: null, missing_info, topic: 'x' };
    expect(decodeConversationRecord(sent, NOW)).toEqual({
      ok: true,
      value: {
        type: 'RecordConversation',
        data: {
          conversation_id: 'c1',
          agent_id: 'bot',
          mode: 'replace',
          header: { timestamp: header.timestamp, missing_info, topic: 'x', is_resolved: false },
          messages: [message],
        },
      },
      warnings: ['unknown_field:topic'],
    });
  });

  it.each([[undefined], [null], [[]]])('may be without messages: %j', (messages) => {
    expect(decodeConversationRecord({ ...record, messages }, NOW)).toMatchObject({
      value: { data: { messages: [] } },
    });
  });

  it('may repeat its id in a message, which must then be its own', () => {
    const within = (conversation_id: Json) =>
      decodeConversationRecord(
        { ...record, messages: [message, { ...message, conversation_id }] },
        NOW,
      );
    expect(within('c1')).toMatchObject({
      ok: true,
      value: { data: { messages: [message, message] } },
    });
    expect(within(null)).toEqual(within('c1'));
    expect(problems(within('c2'))).toEqual(['wrong_type messages.1.conversation_id']);
    expect(problems(within(1))).toEqual(['wrong_type messages.1.conversation_id']);
  });

  it('is refused whole for one bad message, by its place', () => {
    const bad = { ...message, timestamp: '2024-02-30T00:00:00Z' };
    const messages = [message, bad, 5, { ...message, role: undefined }];
    expect(problems(decodeConversationRecord({ ...record, messages }, NOW))).toEqual([
      'bad_timestamp messages.1.timestamp',
      'wrong_type messages.2',
      'missing_field messages.3.role',
    ]);
  });

  it('is warned of its messages once, however many', () => {
    const odd = { ...message, mood: 'x', timestamp: '2030-01-01T00:00:00Z' };
    expect(decodeConversationRecord({ ...record, messages: [odd, odd, odd] }, NOW)).toMatchObject({
      ok: true,
      warnings: ['unknown_field:messages[].mood', 'future_timestamp'],
    });
  });

  it('names 50 problems at most', () => {
    const messages = Array.from({ length: 500 }, () => ({}));
    expect(problems(decodeConversationRecord({ ...record, messages }, NOW))).toHaveLength(50);
  });
});

describe('an id in a path or a query', () => {
  it.each([
    ['😀'.repeat(200), null],
    ['..%2F', null],
    ['😀'.repeat(201), 'too_long'],
    ['x'.repeat(201), 'too_long'],
    ['', 'too_short'],
    ['a\nb', 'control_character'],
    ['\u007f', 'control_character'],
    ['\0', 'nul_character'],
    ['a\ud800', 'lone_surrogate'],
    ['\udc00', 'lone_surrogate'],
  ])('is checked as in a record: %j', (id, reason) => {
    expect(checkId(id, ['id'])?.reason ?? null).toBe(reason);
  });
});

describe('the schemas', () => {
  it('carry the examples of the upload documentation, which the decoders take', () => {
    expect(
      decodeConversationUpload(conversationUploadSchema['example'] ?? null, NOW),
    ).toMatchObject({
      ok: true,
      warnings: [],
    });
    expect(decodeMessageUpload(messageUploadSchema['example'] ?? null, NOW)).toMatchObject({
      ok: true,
      warnings: [],
    });
  });

  it('name what is required', () => {
    expect(conversationUploadSchema).toMatchObject({
      type: 'object',
      required: ['conversation_id', 'agent', 'is_resolved', 'timestamp'],
      properties: { csat_score: { minimum: 0, maximum: 5, nullable: true } },
    });
  });
});
