import { describe, expect, it } from '@jest/globals';
import { type Json, type JsonObject } from '../json.js';
import { decodeConversationRecord, decodeConversationUpload } from './conversation.decoder.js';
import { type Decoded } from './decoded.js';
import { decodeMessageUpload } from './message.decoder.js';

const NOW = Date.parse('2024-06-01T00:00:00Z');

const conversation: JsonObject = {
  conversation_id: 'conv_001',
  agent: 'support_bot_01',
  timestamp: '2024-01-15T10:30:00Z',
  is_resolved: false,
};

const message: JsonObject = {
  message_id: 'msg_001',
  conversation_id: 'conv_001',
  role: 'customer',
  sender_id: 'customer_123',
  content: 'Hello',
  timestamp: '2024-01-15T10:31:00Z',
};

const { agent, ...rest } = conversation;
const record: JsonObject = { ...rest, agent_id: agent, messages: [message] };

/** The three kinds of record; a message within a record is checked through `withMessage`. */
const KINDS = {
  conversation: { good: conversation, decode: decodeConversationUpload },
  message: { good: message, decode: decodeMessageUpload },
  record: { good: record, decode: decodeConversationRecord },
} as const;

type Kind = keyof typeof KINDS;

function decode(kind: Kind, value: Json): Decoded<unknown> {
  return KINDS[kind].decode(value, NOW);
}

/** What is wrong with a good record whose `field` was replaced: `reason place`, or `ok`. */
function verdicts(kind: Kind, field: string, value: Json | undefined): string[] {
  const decoded = decode(kind, { ...KINDS[kind].good, [field]: value });
  if (decoded.ok) return ['ok'];
  return decoded.problems.map(({ reason, place }) => `${reason} ${place.join('.')}`);
}

const VALUES = {
  null: null,
  boolean: true,
  integer: 1,
  fraction: 1.5,
  string: 'x',
  array: [],
  object: {},
} as const;

const REQUIRED: readonly (readonly [Kind, string, readonly string[]])[] = [
  ['conversation', 'conversation_id', ['string']],
  ['conversation', 'agent', ['string']],
  ['conversation', 'is_resolved', ['boolean']],
  ['message', 'message_id', ['string']],
  ['message', 'conversation_id', ['string']],
  ['message', 'sender_id', ['string']],
  ['message', 'content', ['string']],
  ['record', 'conversation_id', []],
  ['record', 'agent_id', ['string']],
];

const OPTIONAL: readonly (readonly [Kind, string, readonly string[]])[] = [
  ['conversation', 'csat_score', ['integer', 'fraction']],
  ['conversation', 'user_data', ['object']],
  ['conversation', 'missing_info', ['object']],
  ['message', 'logs', ['array']],
  ['message', 'agent', ['string']],
  ['record', 'is_resolved', ['boolean']],
  ['record', 'csat_score', ['integer', 'fraction']],
  ['record', 'user_data', ['object']],
  ['record', 'missing_info', ['object']],
  ['record', 'messages', ['array']],
];

describe('the type of a field', () => {
  it.each(REQUIRED)('of a %s, %s, is never changed to fit', (kind, field, fitting) => {
    for (const [type, value] of Object.entries(VALUES)) {
      if (field === 'conversation_id' && kind === 'record' && type === 'string') continue;
      const expected = fitting.includes(type) ? 'ok' : `wrong_type ${field}`;
      expect([type, ...verdicts(kind, field, value)]).toEqual([type, expected]);
    }
  });

  it.each(OPTIONAL)(
    'of a %s, %s, is never changed to fit, and null is absent',
    (kind, field, fitting) => {
      for (const [type, value] of Object.entries(VALUES)) {
        const expected = type === 'null' || fitting.includes(type) ? 'ok' : `wrong_type ${field}`;
        expect([type, ...verdicts(kind, field, value)]).toEqual([type, expected]);
      }
    },
  );

  it.each(['conversation', 'message', 'record'] as const)(
    'of a %s timestamp is a string',
    (kind) => {
      for (const [type, value] of Object.entries(VALUES)) {
        const expected = type === 'string' ? 'bad_timestamp timestamp' : 'wrong_type timestamp';
        expect([type, ...verdicts(kind, 'timestamp', value)]).toEqual([type, expected]);
      }
    },
  );

  it('of the parts of missing_info is checked', () => {
    expect(verdicts('record', 'missing_info', { reason: 1, fields: ['a', 2], other: 3 })).toEqual([
      'wrong_type missing_info.reason',
      'wrong_type missing_info.fields.1',
    ]);
    expect(verdicts('conversation', 'missing_info', { reason: null, fields: ['a'] })).toEqual([
      'ok',
    ]);
  });

  it.each(['conversation', 'message', 'record'] as const)('of a %s is an object', (kind) => {
    for (const value of [null, true, 1, 'x', [], [KINDS[kind].good]]) {
      expect(decode(kind, value)).toMatchObject({
        ok: false,
        problems: [{ reason: 'wrong_type', place: [] }],
      });
    }
  });
});

describe('a field that is missing', () => {
  const required = [...REQUIRED, ['message', 'role', []], ['message', 'timestamp', []]] as const;

  it.each([...required, ['record', 'timestamp', []] as const])(
    'of a %s, %s, is named',
    (kind, field) => {
      expect(verdicts(kind, field, undefined)).toContain(`missing_field ${field}`);
    },
  );

  it.each([
    ['conversation', 'conversationid', 'conversation_id'],
    ['conversation', 'isResolved', 'is_resolved'],
    ['message', 'messageId', 'message_id'],
    ['message', 'senderId', 'sender_id'],
    ['record', 'agentid', 'agent_id'],
  ] as const)('of a %s is not guessed from %s', (kind, misspelt, field) => {
    const good: JsonObject = KINDS[kind].good;
    const { [field]: value, ...others } = good;
    const decoded = decode(kind, { ...others, [misspelt]: value });
    expect(decoded).toMatchObject({ problems: [{ reason: 'missing_field', place: [field] }] });
  });
});

describe('an id', () => {
  const IDS = [
    ['conversation', 'conversation_id'],
    ['conversation', 'agent'],
    ['message', 'message_id'],
    ['message', 'conversation_id'],
    ['message', 'sender_id'],
    ['message', 'agent'],
    ['record', 'agent_id'],
  ] as const;

  it.each(IDS)('of a %s, %s, has 1 to 200 code points, however many bytes each', (kind, field) => {
    for (const character of ['a', 'é', '語', '😀']) {
      expect(verdicts(kind, field, character.repeat(200))).toEqual(['ok']);
      expect(verdicts(kind, field, character.repeat(201))).toEqual([`too_long ${field}`]);
    }
    expect(verdicts(kind, field, 'a'.repeat(10_000))).toEqual([`too_long ${field}`]);
    expect(verdicts(kind, field, '')).toEqual([`too_short ${field}`]);
  });

  it.each(IDS)('of a %s, %s, has no control characters', (kind, field) => {
    for (const id of ['a\nb', '\t', 'a\r', '\u0001', 'a\u007f', '\u0085']) {
      expect(verdicts(kind, field, id)).toEqual([`control_character ${field}`]);
    }
  });

  it.each([
    ' ',
    ' a ',
    'A',
    '\u00e9',
    'e\u0301',
    'a/b',
    '%2F',
    '..',
    "a'b",
    '"',
    "'; DROP TABLE messages; --",
    '😀',
    '\u202eabc',
    '=1+1',
    '\u2028',
    '__proto__',
  ])('may be %j, and stays so', (id) => {
    expect(
      decodeConversationUpload({ ...conversation, conversation_id: id, agent: id }, NOW),
    ).toMatchObject({ ok: true, value: { data: { conversation_id: id, agent_id: id } } });
  });
});

describe('a role', () => {
  it.each(['user', 'assistant', 'Customer', 'agent ', 'human_agent', '', null])(
    '%j is unknown',
    (role) => {
      expect(verdicts('message', 'role', role)).toEqual(['unknown_role role']);
    },
  );

  it.each([5, true, [], {}, ['customer']])('%j is no role', (role) => {
    expect(verdicts('message', 'role', role)).toEqual(['wrong_type role']);
  });

  it.each(['customer', 'agent', 'system'])('%s is known', (role) => {
    expect(verdicts('message', 'role', role)).toEqual(['ok']);
  });
});

describe('a csat_score', () => {
  it.each([-0.1, -1, 5.0000001, 6, 1e300])('%d is out of range', (score) => {
    expect(verdicts('conversation', 'csat_score', score)).toEqual(['out_of_range csat_score']);
    expect(verdicts('record', 'csat_score', score)).toEqual(['out_of_range csat_score']);
  });

  it.each([0, -0, 5, 4.5])('%d is kept', (score) => {
    const decoded = decodeConversationUpload({ ...conversation, csat_score: score }, NOW);
    expect(decoded).toMatchObject({ value: { data: { header: { csat_score: score } } } });
  });
});

describe('a text', () => {
  it.each(['a', 'é', '語', '😀', '\u202e'])('of %s may be empty or long', (character) => {
    for (const count of [0, 1, 50_000, 50_001]) {
      const content = character.repeat(count);
      const decoded = decodeMessageUpload({ ...message, content }, NOW);
      expect(decoded).toMatchObject({ ok: true, value: { data: { message: { content } } } });
    }
  });

  it.each([
    ['content', 'x'.repeat(900 * 1024)],
    ['extra', '語'.repeat(310_000)],
    ['logs', ['\u0001'.repeat(160_000)]],
  ])('that makes a message larger than a record of the bus (%s) is refused', (field, value) => {
    expect(verdicts('message', field, value)).toEqual(['too_large ']);
    const messages = [message, { ...message, [field]: value }];
    expect(verdicts('record', 'messages', messages)).toEqual(['too_large messages.1']);
  });

  it('that makes a header larger than a record of the bus is refused', () => {
    const data = { text: 'x'.repeat(900 * 1024) };
    expect(verdicts('conversation', 'user_data', data)).toEqual(['too_large ']);
    expect(verdicts('record', 'user_data', data)).toEqual(['too_large ']);
    expect(verdicts('record', 'user_data', { text: 'x'.repeat(800 * 1024) })).toEqual(['ok']);
  });
});
