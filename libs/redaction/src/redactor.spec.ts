import { describe, expect, it } from '@jest/globals';
import {
  decodeConversationRecord,
  decodeCommand,
  decodeMessageUpload,
  encodeCommand,
  headerHash,
  type Json,
  type JsonObject,
  messageHash,
} from '@parley/contracts';
import fc from 'fast-check';
import { readPolicy } from './policy.js';
import { Redactor } from './redactor.js';

const NOW = Date.UTC(2024, 0, 16);

const MASK_ALL: Json = {
  validators: [
    { kind: 'email', action: 'mask' },
    { kind: 'phone', action: 'mask' },
    { kind: 'card', action: 'mask' },
    { kind: 'pattern', name: 'employee', pattern: 'EMP-\\d{6}', action: 'mask' },
  ],
};

function redactor(policy: Json): Redactor {
  const read = readPolicy(policy);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return new Redactor(read.value);
}

const ENVELOPE = {
  command_id: '0190f8a0-0000-7000-8000-000000000001',
  attempt_id: '0190f8a0-0000-7000-8000-000000000002',
  tenant: 't_0123abcd',
  door: 'kafka',
  warnings: [],
  source: {},
} as const;

const MESSAGE = {
  message_id: 'm1',
  role: 'customer',
  sender_id: 's1',
  content: 'Hello',
  timestamp: '2024-01-15T10:31:00Z',
};

function aRecord(header: JsonObject = {}, ...messages: JsonObject[]): Json {
  return {
    conversation_id: 'c1',
    agent_id: 'bot',
    timestamp: '2024-01-15T10:30:00Z',
    is_resolved: true,
    ...header,
    messages: messages.map((fields, index) => ({ ...MESSAGE, message_id: `m${index}`, ...fields })),
  };
}

function recordOf(value: Json) {
  const decoded = decodeConversationRecord(value, NOW);
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.problems));
  return decoded;
}

/** What becomes of a conversation record: what is stored of it, and what is said. */
function conversation(policy: Json, value: Json) {
  const { value: sent, warnings } = recordOf(value);
  const result = redactor(policy).apply(sent, warnings);
  if (!result.ok) return { sent, problems: result.problems };
  const { command, redaction } = result.value;
  const { header, messages } = command.data;
  return { sent, header, messages, redaction, masked: redaction?.masked, said: result.warnings };
}

function message(policy: Json, fields: JsonObject) {
  const decoded = decodeMessageUpload({ conversation_id: 'c1', ...MESSAGE, ...fields }, NOW);
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.problems));
  return { sent: decoded.value, result: redactor(policy).apply(decoded.value, decoded.warnings) };
}

const FULL = aRecord(
  {
    user_data: { contact: { mail: ['a@b.co', 'z@b.co'] }, 'c@d.org': 1 },
    missing_info: { reason: 'ask e@f.de', fields: [] },
    mood: 'EMP-123456',
  },
  {
    sender_id: 'g@h.com',
    content: 'pay 4111 1111 1111 1111, call +1 415 555 2671',
    logs: [{ name: 'look-up', content: 'i@j.net' }, 'k@l.io'],
  },
);

describe('validators that mask', () => {
  it('put a label in the place of what they find, wherever it is', () => {
    const { header, messages } = conversation(MASK_ALL, FULL);
    expect(header).toEqual({
      timestamp: '2024-01-15T10:30:00Z',
      is_resolved: true,
      user_data: { contact: { mail: ['[email]', '[email]'] }, '[email]': 1 },
      missing_info: { reason: 'ask [email]', fields: [] },
      mood: '[employee]',
    });
    const logs = [{ name: 'look-up', content: '[email]' }, '[email]'];
    expect(messages).toEqual([
      {
        ...MESSAGE,
        ...{ message_id: 'm0', sender_id: '[email]', content: 'pay [card], call [phone]', logs },
      },
    ]);
  });

  it('name each place and rule once, and no value', () => {
    expect(conversation(MASK_ALL, FULL).masked).toEqual([
      'user_data.contact.mail[]: email',
      'user_data.[email]: email',
      'missing_info.reason: email',
      'mood: employee',
      'messages[].sender_id: email',
      'messages[].content: phone',
      'messages[].content: card',
      'messages[].logs[].content: email',
      'messages[].logs[]: email',
    ]);
  });

  it('find what is spelt so that only people see it, and leave the rest of the text alone', () => {
    const { messages } = conversation(
      MASK_ALL,
      aRecord({}, { content: 'é ｊｏ\u200bhn＠example.com ４１１１ 1111 1111\u00ad 1111 é' }),
    );
    expect(messages?.[0]?.content).toBe('é [email] [card] é');
  });

  it('look at numbers too', () => {
    const { header } = conversation(
      MASK_ALL,
      aRecord({ user_data: { card: 4111111111111111, age: 4.5 } }),
    );
    expect(header?.['user_data']).toEqual({ card: '[card]', age: 4.5 });
  });

  it('mask a name that nobody knows in the warnings as well', () => {
    const { header, messages, said } = conversation(
      MASK_ALL,
      aRecord({ 'a@b.co': 1, 'c@d.co': 2, mood: 1 }, { 'e@f.co': 3 }),
    );
    expect(header).toMatchObject({ '[email]': 1, '[email] 2': 2, mood: 1 });
    expect(messages?.[0]).toMatchObject({ '[email]': 3 });
    expect(said).toEqual([
      'unknown_field:[email]',
      'unknown_field:mood',
      'unknown_field:messages[].[email]',
    ]);
  });

  it('refuse an id that they would have to change, and name the place', () => {
    const record = {
      ...(aRecord({}, {}, { message_id: 'a@b.co' }) as JsonObject),
      agent_id: 'c@d.org',
    };
    expect(conversation(MASK_ALL, record).problems).toEqual([
      expect.objectContaining({ reason: 'redaction_rejected', place: ['agent_id'] }),
      expect.objectContaining({ place: ['messages', 1, 'message_id'] }),
    ]);
    const { result } = message(MASK_ALL, { conversation_id: 'a@b.co' });
    expect(result).toMatchObject({ ok: false, problems: [{ place: ['conversation_id'] }] });
  });

  it('pass a deletion as it is, which may mean what came before the policy', () => {
    const command = { type: 'DeleteConversation', data: { conversation_id: 'a@b.co' } } as const;
    expect(redactor(MASK_ALL).apply(command)).toMatchObject({ ok: true, value: { command } });
  });

  it('keep a sender within the length of an id', () => {
    const { messages } = conversation(
      MASK_ALL,
      aRecord({}, { sender_id: Array(28).fill('a@b.co').join(' ') }),
    );
    expect(messages?.[0]?.sender_id).toBe('[redacted]');
  });

  it('refuse what their labels make larger than a record can be', () => {
    const { problems } = conversation(
      MASK_ALL,
      aRecord({}, { content: 'a@b.co '.repeat(120_000) }),
    );
    expect(problems).toMatchObject([{ reason: 'too_large', place: ['messages', 0] }]);
  });
});

describe('the hashes of what was sent', () => {
  it('are those of its canonical form, where it is not what is stored', () => {
    const { sent, redaction } = conversation(
      MASK_ALL,
      aRecord({ user_data: { mail: 'a@b.co' } }, {}, { content: 'a@b.co' }),
    );
    const { data } = sent;
    expect(redaction).toMatchObject({
      header_hash: headerHash('bot', 'c1', data.header),
      message_hashes: [null, messageHash(data.messages[1]!)],
    });
  });

  it('are not there where nothing was masked, and the command is the very same', () => {
    const { value } = recordOf(aRecord({ user_data: { a: [1, { b: 'c' }] } }, { logs: [{}] }));
    const result = redactor(MASK_ALL).apply(value);
    expect(result).toEqual({ ok: true, value: { command: value }, warnings: [] });
    expect(result.ok && result.value.command).toBe(value);
  });

  it('are that of a message alone', () => {
    const { sent, result } = message(MASK_ALL, { content: 'a@b.co' });
    expect(result).toMatchObject({
      value: {
        command: { data: { message: { content: '[email]' } } },
        redaction: { masked: ['content: email'], message_hashes: [messageHash(sent.data.message)] },
      },
    });
  });
});

describe('what a record itself says is missing', () => {
  const header = {
    missing_info: { fields: ['Phone_Number', 'contact.address', 'user_data.notes', 'age'] },
    user_data: {
      phone_number: '555',
      contact: { address: { street: 'x' }, name: 'y' },
      notes: ['z'],
      age: 44,
      address: 'kept',
    },
  };

  it('is masked at any depth by its name, and by its path, in messages and logs too', () => {
    const {
      header: stored,
      messages,
      masked,
    } = conversation(
      {},
      aRecord(header, {
        phone_number: '556',
        logs: [
          { name: 'phone_number', content: '557' },
          { name: 'other', phone_number: 558 },
        ],
      }),
    );
    expect(stored).toMatchObject({
      missing_info: header.missing_info,
      user_data: {
        phone_number: '[redacted]',
        contact: { address: '[redacted]', name: 'y' },
        notes: '[redacted]',
        age: '[redacted]',
        address: 'kept',
      },
    });
    expect(messages?.[0]).toMatchObject({
      phone_number: '[redacted]',
      logs: [
        { name: 'phone_number', content: '[redacted]' },
        { name: 'other', phone_number: '[redacted]' },
      ],
    });
    expect(masked).toContain('messages[].logs[].content: missing_info');
  });

  it('is masked where its path is the name of a field, in whole or in part', () => {
    const given = {
      missing_info: { fields: ['user_data.contact.email', 'address'], address: '12 Elm St' },
      user_data: { 'contact.email': 'x' },
    };
    expect(conversation({}, aRecord(given)).header).toMatchObject({
      missing_info: { ...given.missing_info, address: '[redacted]' },
      user_data: { 'contact.email': '[redacted]' },
    });
  });

  it('is left as it is where the policy says so', () => {
    const { sent, header: stored } = conversation({ missing_info_fields: false }, aRecord(header));
    expect(stored).toBe(sent.data.header);
  });

  it('never changes identity, times or types', () => {
    const fields = [
      ...Object.keys(MESSAGE),
      'is_resolved',
      'csat_score',
      'user_data',
      'logs',
      'fields',
    ];
    const given = { csat_score: 3, user_data: { a: 1 }, missing_info: { reason: 'r', fields } };
    const { header: stored, messages } = conversation({}, aRecord(given, { logs: [{ a: 1 }] }));
    expect(stored).toEqual({
      ...given,
      timestamp: '2024-01-15T10:30:00Z',
      is_resolved: true,
      user_data: {},
    });
    expect(messages).toEqual([
      { ...MESSAGE, message_id: 'm0', sender_id: '[redacted]', content: '[redacted]', logs: [] },
    ]);
  });
});

describe('a policy', () => {
  it('refuses with the place of what it keeps out, and says nothing of it', () => {
    const policy = {
      validators: [{ kind: 'card', action: 'reject' }],
      fields: [{ path: 'ssn', action: 'reject' }],
    };
    const { problems } = conversation(
      policy,
      aRecord({ user_data: { ssn: '078-05-1120' } }, { content: 'my card 4111111111111111' }),
    );
    expect(problems).toMatchObject([
      { reason: 'redaction_rejected', place: ['user_data', 'ssn'] },
      { reason: 'redaction_rejected', place: ['messages', 0, 'content'] },
    ]);
    expect(JSON.stringify(problems)).not.toMatch(/4111|078/);
  });

  it('flags in the warnings what it leaves as it is, ids too', () => {
    const policy = {
      validators: [{ kind: 'email', action: 'flag' }],
      fields: [{ path: 'messages[].content', action: 'flag' }],
    };
    const record = aRecord({}, { message_id: 'a@b.co', sender_id: 'a@b.co' });
    const { sent, messages, said } = conversation(policy, record);
    expect(messages).toBe(sent.data.messages);
    expect(said).toEqual([
      'flagged:messages[].message_id: email',
      'flagged:messages[].sender_id: email',
      'flagged:messages[].content: field',
    ]);
  });

  it('means the messages of a conversation also where they come alone', () => {
    const policy = { fields: [{ path: 'messages[].content', action: 'mask' }] };
    expect(message(policy, {}).result).toMatchObject({
      value: { command: { data: { message: { content: '[redacted]' } } } },
    });
  });

  it('knows nothing of what is missing in a message alone', () => {
    const fields = ['address', 'fields'].map((path) => ({ path, action: 'mask' }));
    const missing_info = { address: '12 Elm St', fields: { a: '12 Elm St' } };
    const { result } = message({ fields }, { missing_info });
    expect(result.ok && result.value.command.data).toMatchObject({
      message: { missing_info: { address: '[redacted]', fields: '[redacted]' } },
    });
  });

  it('refuses an id whose field it masks, however it comes', () => {
    const masked = (path: string) => ({ fields: [{ path, action: 'mask' }] });
    const given = aRecord({ missing_info: { fields: ['message_id'] } }, {});
    const ofMessage = masked('messages[].message_id');
    expect(conversation(ofMessage, given).problems).toMatchObject([
      { reason: 'redaction_rejected', place: ['messages', 0, 'message_id'] },
    ]);
    const { result } = message(ofMessage, {});
    expect(result).toMatchObject({ ok: false, problems: [{ place: ['message_id'] }] });
    expect(conversation(masked('agent_id'), given).problems).toHaveLength(1);
  });

  it('is stricter where two rules meet', () => {
    const policy = {
      fields: [
        { path: 'user_data.a', action: 'flag' },
        { path: 'a', action: 'reject' },
      ],
    };
    const { problems } = conversation(policy, aRecord({ user_data: { a: 1 } }));
    expect(problems).toMatchObject([{ place: ['user_data', 'a'] }]);
  });

  it.each<[Json, (string | number)[]]>([
    [{ validator: [] }, []],
    [{ validators: [{ kind: 'iban', action: 'mask' }] }, ['validators', 0, 'kind']],
    [{ validators: [{ kind: 'email', action: 'hide' }] }, ['validators', 0, 'action']],
    [
      { validators: [{ kind: 'phone', region: 'XX', action: 'mask' }] },
      ['validators', 0, 'region'],
    ],
    [
      { validators: [{ kind: 'pattern', name: 'x', pattern: '(?=a)', action: 'mask' }] },
      ['validators', 0, 'pattern'],
    ],
    [
      { validators: [{ kind: 'pattern', name: '[x]', pattern: 'a', action: 'mask' }] },
      ['validators', 0, 'name'],
    ],
    [{ fields: [{ path: '', action: 'mask' }] }, ['fields', 0, 'path']],
    [5, []],
  ])('%j is none', (policy, place) => {
    expect(readPolicy(policy)).toMatchObject({ ok: false, problems: [{ place }] });
  });
});

describe('any record', () => {
  const canaries = ['jane.roe@example.com', '4111 1111 1111 1111', '+1 415 555 2671', 'EMP-123456'];
  const planted = fc.constantFrom(...canaries);
  const text = fc
    .tuple(fc.string(), planted, fc.string())
    .map(([a, canary, b]) => `${a} ${canary} ${b}`);
  const { value: tree } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, text, fc.integer(), tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 4 }),
    object: fc.dictionary(fc.oneof(text, fc.string()), tie('value'), { maxKeys: 4 }),
  }));

  it('holds no canary after it was masked, is a command that can be read, and has nothing left to mask', () => {
    const all = redactor(MASK_ALL);
    fc.assert(
      fc.property(tree, text, tree, (data, content, logs) => {
        const header = { user_data: { data }, extra: data } as JsonObject;
        const { value } = recordOf(
          aRecord(header, { content, sender_id: 'a', logs: [logs] as Json }),
        );
        const first = all.apply(value);
        if (!first.ok) throw new Error('nothing in it is refused');
        const { command } = first.value;
        const written = JSON.stringify(command);
        for (const canary of canaries) expect(written).not.toContain(canary);
        const envelope = { ...ENVELOPE, command, redaction: first.value.redaction };
        expect(decodeCommand(encodeCommand(envelope))).toMatchObject({ ok: true });
        expect(all.apply(command)).toEqual({ ok: true, value: { command }, warnings: [] });
      }),
      { numRuns: 300 },
    );
  });
});
