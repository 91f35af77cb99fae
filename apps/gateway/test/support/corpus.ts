import { nested } from './bad-bodies.js';

interface Fields {
  readonly what: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

interface BadFields extends Fields {
  readonly reason: string;
}

const TYPES: Readonly<Record<string, unknown>> = {
  null: null,
  'a boolean': true,
  'an integer': 5,
  'a fraction': 5.5,
  'a string': 'five',
  'an array': [],
  'an object': {},
};

function wrongTypes(field: string, allowed: readonly string[]): BadFields[] {
  return Object.entries(TYPES)
    .filter(([type]) => !allowed.includes(type))
    .map(([type, value]) => ({
      what: `${type} as ${field}`,
      fields: { [field]: value },
      reason: 'wrong_type',
    }));
}

function badIds(field: string): BadFields[] {
  return [
    { what: `an empty ${field}`, fields: { [field]: '' }, reason: 'too_short' },
    { what: `a ${field} of 201 letters`, fields: { [field]: 'x'.repeat(201) }, reason: 'too_long' },
    { what: `a ${field} of 201 emoji`, fields: { [field]: '🙂'.repeat(201) }, reason: 'too_long' },
    { what: `a ${field} of 10,000`, fields: { [field]: 'x'.repeat(10_000) }, reason: 'too_long' },
    { what: `a line feed in ${field}`, fields: { [field]: 'a\nb' }, reason: 'control_character' },
    { what: `DEL in ${field}`, fields: { [field]: 'a\u007f' }, reason: 'control_character' },
    { what: `NEL in ${field}`, fields: { [field]: 'a\u0085' }, reason: 'control_character' },
  ];
}

const BAD_TIMES = [
  '2024-01-15 10:30:00',
  '2024-01-15T10:30:00',
  '2024-01-15',
  '2024-W03',
  '2024-W03-1T10:00:00Z',
  '2024-02-30T10:00:00Z',
  '2023-02-29T10:00:00Z',
  '2024-13-01T10:00:00Z',
  '2024-01-15T24:00:00Z',
  '2024-01-15T10:30:60Z',
  '2024-01-15T10:60:00Z',
  '2024-01-15T10:30:00+25:00',
  '0000-01-01T00:00:00Z',
  '1969-12-31T23:59:59Z',
  '10000-01-01T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  'now',
  'infinity',
  '',
  ' 2024-01-15T10:30:00Z',
  '2024-01-15T10:30:00Z ',
  '2024-01-15T10:30:00.Z',
  '1705314600',
  '2024-01-15T10:30:00.1234567890Z',
  '2024-1-15T10:30:00Z',
  '9999-12-31T23:59:59-01:00',
].map((timestamp) => ({
  what: `the timestamp ${JSON.stringify(timestamp)}`,
  fields: { timestamp },
  reason: 'bad_timestamp',
}));

function missing(fields: readonly string[]): BadFields[] {
  return fields.flatMap((field) => [
    { what: `no ${field}`, fields: { [field]: undefined }, reason: 'missing_field' },
    {
      what: `${field} misspelt`,
      fields: { [field]: undefined, [`${field}s`]: 'x' },
      reason: 'missing_field',
    },
  ]);
}

/** What is wrong with a conversation. */
export const BAD_CONVERSATIONS: readonly BadFields[] = [
  ...wrongTypes('conversation_id', ['a string']),
  ...wrongTypes('agent', ['a string']),
  ...wrongTypes('timestamp', ['a string']),
  ...wrongTypes('is_resolved', ['a boolean']),
  ...wrongTypes('csat_score', ['an integer', 'a fraction', 'null']),
  ...wrongTypes('user_data', ['an object', 'null']),
  ...missing(['conversation_id', 'agent', 'timestamp', 'is_resolved']),
  ...badIds('conversation_id'),
  ...badIds('agent'),
  ...BAD_TIMES,
  ...[-0.1, 5.0000001, 6, -1, 1e300].map((csat_score) => ({
    what: `a score of ${String(csat_score)}`,
    fields: { csat_score },
    reason: 'out_of_range',
  })),
  { what: 'a score as text', fields: { csat_score: '4.5' }, reason: 'wrong_type' },
  { what: 'a truth as text', fields: { is_resolved: 'false' }, reason: 'wrong_type' },
];

/** What is wrong with a message. */
export const BAD_MESSAGES: readonly BadFields[] = [
  ...wrongTypes('message_id', ['a string']),
  ...wrongTypes('conversation_id', ['a string']),
  ...wrongTypes('role', ['a string', 'null']),
  ...wrongTypes('sender_id', ['a string']),
  ...wrongTypes('content', ['a string']),
  ...wrongTypes('logs', ['an array', 'null']),
  ...missing(['message_id', 'conversation_id', 'role', 'sender_id', 'content', 'timestamp']),
  ...badIds('message_id'),
  ...badIds('sender_id'),
  ...BAD_TIMES,
  ...['user', 'assistant', 'Customer', 'agent ', '', 'AGENT', 'human_agent', null].map((role) => ({
    what: `the role ${JSON.stringify(role)}`,
    fields: { role },
    reason: 'unknown_role',
  })),
];

/** What looks odd and is right. */
export const GOOD_CONVERSATIONS: readonly Fields[] = [
  ...['2024-01-15T10:30:00.123456Z', '2024-01-15T10:30:00.123Z', '2024-01-15t10:30:00z'].map(
    (timestamp) => ({ what: `the timestamp ${timestamp}`, fields: { timestamp } }),
  ),
  ...['1970-01-01T00:00:00Z', '2024-02-29T23:59:59.999999999+23:59', '9999-12-31T23:59:59Z'].map(
    (timestamp) => ({ what: `the timestamp ${timestamp}`, fields: { timestamp } }),
  ),
  ...[0, 5, 4.5, 0.1].map((csat_score) => ({
    what: `a score of ${String(csat_score)}`,
    fields: { csat_score },
  })),
  ...[
    'x'.repeat(200),
    '🙂'.repeat(200),
    'é'.repeat(200),
    ' a b ',
    'a/b',
    '%2F',
    '..',
    "'--",
    '=1',
    '\u202eabc',
  ].map((id) => ({ what: `the id ${id.slice(0, 20)}`, fields: { conversation_id: id } })),
  { what: 'a composed id', fields: { conversation_id: '\u00e9' } },
  { what: 'a decomposed id', fields: { conversation_id: 'e\u0301' } },
  { what: 'an id in capitals', fields: { conversation_id: 'CONV_001' } },
  { what: 'unknown fields', fields: { tenant_id: 't_other', id: 7, score: 10, colour: ['red'] } },
  {
    what: 'odd keys',
    fields: { user_data: { '': 1, constructor: 2, 10: 3, [`k${'x'.repeat(60_000)}`]: 4 } },
  },
  {
    what: 'large and small numbers',
    fields: { user_data: { x: [2 ** 53, 1e308, 5e-324, 0.1, -7] } },
  },
  { what: '64 levels', fields: { user_data: JSON.parse(nested(61)) as unknown } },
];

/** What looks odd and is right. */
export const GOOD_MESSAGES: readonly Fields[] = [
  ...['customer', 'agent', 'system'].map((role) => ({
    what: `the role ${role}`,
    fields: { role },
  })),
  ...['a', 'é', '€', '🙂'].map((letter) => ({
    what: `50,001 times ${letter}`,
    fields: { content: letter.repeat(50_001) },
  })),
  {
    what: 'controls and invisible characters',
    fields: { content: '\u0001\t\r\n\u200b\u202e\ufeff\uffff\u2028' },
  },
  { what: 'an empty text', fields: { content: '' } },
  { what: 'logs of any form', fields: { logs: [{ name: 'a', content: 'b' }, { other: [1] }] } },
];
