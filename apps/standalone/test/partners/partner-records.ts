import { type Json, type JsonObject } from '@parley/contracts';

/** A record as a partner sends it; `http` is the same for the upload API, where that can carry it. */
export interface SentRecord {
  readonly key: string;
  readonly value: Buffer | null;
  readonly kind: 'good' | 'waiting' | 'bad';
  readonly http: readonly HttpItem[];
}

/** One item of a batch of the upload API, as text: bad ones are no JSON that could be written from a value. */
export interface HttpItem {
  readonly path: 'conversations' | 'messages';
  readonly text: string;
}

const CONVERSATIONS = 600;
const MESSAGES = 8_300;
const REPEATS = 500;
const WAITING = 100;
const BAD = 500;
const TEXTS = [
  'Hello',
  'Grüße 👋',
  'line\nbreak\ttab "quoted" \\ back',
  '你好，世界',
  '',
  '\u202eabc',
];
const FRACTIONS = ['', '.5', '.123', '.123456', '.123456789'];

/** 10,000 records in an order of their own that `seed` decides; 5 % of them are bad. */
export function partnerRecords(seed: number): SentRecord[] {
  const random = randomOf(seed);
  const conversations = Array.from({ length: CONVERSATIONS }, (_, n) =>
    conversationRecord(n, random),
  );
  const messages = Array.from({ length: MESSAGES }, (_, n) =>
    messageRecord(Math.floor(random() * CONVERSATIONS), `lone_${n}`, random),
  );
  const good = [...conversations, ...messages];
  const repeats = Array.from({ length: REPEATS }, () => good[Math.floor(random() * good.length)]!);
  const early = Array.from({ length: WAITING }, (_, n) => ({
    ...messageRecord(CONVERSATIONS + n, 'early', random),
    kind: 'waiting' as const,
  }));
  const bad = Array.from({ length: BAD }, (_, n) => badRecord(n));
  return shuffled([...good, ...repeats, ...early, ...bad], random);
}

const BAD_KINDS: Readonly<Record<string, (n: number) => SentRecord>> = {
  'no JSON': (n) => bothWays(n, `{"conversation_id":"bad_${n}",`),
  'a time without a zone': (n) => bothWays(n, text(n, { timestamp: '2024-01-15T10:30:00' })),
  'a score of 7': (n) => bothWays(n, text(n, { csat_score: 7 })),
  NUL: (n) => bothWays(n, text(n, { user_data: { a: 'x\0y' } })),
  'half a character': (n) => bothWays(n, text(n, {}).replace('{', '{"note":"\\ud83d",')),
  'a key twice': (n) => bothWays(n, text(n, {}).replace('{', '{"agent_id":"other",')),
  '5,000 levels': (n) => bothWays(n, deep(n)),
  'a number too long': (n) => bothWays(n, text(n, {}).replace('{', '{"n":9007199254740993,')),
  'another tenant': (n) => kafkaOnly(n, text(n, { tenant_id: 'Globex' })),
  'a list': (n) => kafkaOnly(n, `[${text(n, {})}]`),
  'no value': (n) => ({ key: `bad_${n}`, value: null, kind: 'bad', http: [] }),
  'no agent': (n) =>
    kafkaOnly(n, JSON.stringify({ ...fields('bad', 'm', 'x'), conversation_id: `bad_${n}` })),
};

function badRecord(n: number): SentRecord {
  const kinds = Object.values(BAD_KINDS);
  return kinds[n % kinds.length]!(n);
}

function conversationRecord(n: number, random: () => number): SentRecord {
  const header: JsonObject = {
    timestamp: aTime(n, random),
    is_resolved: n % 2 === 0,
    ...(n % 3 === 0 && { csat_score: (n % 51) / 10 }),
    ...(n % 4 === 0 && { user_data: { name: TEXTS[n % TEXTS.length]!, tags: ['a', { b: null }] } }),
    ...(n % 5 === 0 && { topic_of_theirs: n }),
  };
  const identity = { conversation_id: `c${n}`, agent_id: agentOf(n) };
  const messages =
    n % 2 === 0 ? [0, 1, 2].map((m) => fields(`m${m}`, `${n}/${m}`, aTime(m, random))) : [];
  const record = { ...identity, ...header, ...(messages.length > 0 && { messages }) };
  const { conversation_id, agent_id: agent } = identity;
  return {
    ...{ key: identity.conversation_id, value: Buffer.from(JSON.stringify(record)), kind: 'good' },
    http: [
      item('conversations', { conversation_id, agent, ...header }),
      ...messages.map((message) => item('messages', { conversation_id, agent, ...message })),
    ],
  };
}

/** Sent under any key: its partition is not that of its conversation. */
function messageRecord(n: number, id: string, random: () => number): SentRecord {
  const words = `${TEXTS[n % TEXTS.length]!} ${id}`;
  const message = { ...fields(id, words, aTime(n, random)), ...(n % 7 === 0 && { mood: 'calm' }) };
  const parent = { conversation_id: `c${n}` };
  const value = JSON.stringify({ ...message, ...parent, agent_id: agentOf(n) });
  return {
    ...{ key: `key ${Math.floor(random() * 50)}`, value: Buffer.from(value), kind: 'good' },
    http: [item('messages', { ...parent, agent: agentOf(n), ...message })],
  };
}

function fields(message_id: string, content: string, timestamp: string) {
  const role = content.length % 2 === 0 ? 'customer' : 'agent';
  const logs = [{ name: 'step', content: 'done' }];
  return { message_id, role, sender_id: `sender ${role}`, content, timestamp, logs };
}

function item(path: HttpItem['path'], value: Json): HttpItem {
  return { path, text: JSON.stringify(value) };
}

function text(n: number, odd: object): string {
  const header = { timestamp: '2024-01-15T10:30:00Z', is_resolved: false };
  return JSON.stringify({ conversation_id: `bad_${n}`, agent_id: 'agent_0', ...header, ...odd });
}

function deep(n: number): string {
  return text(n, {}).replace('{', `{"x":${'['.repeat(5000)}${']'.repeat(5000)},`);
}

function bothWays(n: number, value: string): SentRecord {
  return { ...kafkaOnly(n, value), http: [{ path: 'conversations', text: value }] };
}

function kafkaOnly(n: number, value: string): SentRecord {
  return { key: `bad_${n}`, value: Buffer.from(value), kind: 'bad', http: [] };
}

function agentOf(n: number): string {
  return `agent_${n % 3}`;
}

function aTime(n: number, random: () => number): string {
  const seconds = String(Math.floor(random() * 60)).padStart(2, '0');
  return `2024-01-15T10:30:${seconds}${FRACTIONS[n % FRACTIONS.length]!}Z`;
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const order = list.map((one) => [random(), one] as const).sort(([a], [b]) => a - b);
  return order.map(([, one]) => one);
}

/** Mulberry32, https://github.com/bryc/code/blob/master/jshash/PRNGs.md: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
