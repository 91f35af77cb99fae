import { describe, expect, it } from '@jest/globals';
import { type Json } from '../json.js';
import { type RecordMessage } from '../command/commands.js';
import { conversationRecordSchema, decodeConversationRecord } from './conversation.decoder.js';
import { decodeMessageUpload, partnerMessageSchema } from './message.decoder.js';
import { messageHash } from './canonical.js';
import { decodePartnerRecord, identityNamedIn, type PartnerRecord } from './partner.decoder.js';
import { problemText } from './problem-text.js';

const NOW = Date.parse('2024-06-01T00:00:00Z');
const TENANT = { tenantNames: ['t_0123456789abcdef0123', 'Acme'], now: NOW };
const conversation = conversationRecordSchema['example'] as Record<string, Json>;
const message = partnerMessageSchema['example'] as Record<string, Json>;

function decode(value: Json | Uint8Array | null, headers: Record<string, string> = {}) {
  const bytes = value instanceof Uint8Array || value === null ? value : asBytes(value);
  const sent = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const);
  const record: PartnerRecord = { headers: Object.fromEntries(sent), value: bytes };
  return decodePartnerRecord(record, TENANT);
}

/** The first thing wrong, in words. */
function firstText(value: Json | Uint8Array): string {
  const decoded = decode(value);
  const [problem] = decoded.ok ? [] : decoded.problems;
  return problem ? problemText(problem) : '';
}

function without(record: Record<string, Json>, ...names: string[]): Record<string, Json> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

function asBytes(value: Json): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function reasons(...given: Parameters<typeof decode>): string[] {
  const decoded = decode(...given);
  return decoded.ok
    ? []
    : decoded.problems.map(({ reason, place }) => [reason, ...place].join(' '));
}

describe('a record of a partner’s topic', () => {
  it('is a conversation, as a file holds it', () => {
    expect(decode(conversation)).toEqual(decodeConversationRecord(conversation, NOW));
    expect(decode(without(conversation, 'messages'))).toMatchObject({
      ok: true,
      value: { data: { messages: [] } },
    });
  });

  it('is a message where it is one, with the content hash that it has at every other door', () => {
    const decoded = decode(message);
    const uploaded = { ...without(message, 'agent_id'), agent: 'support_bot_01' };
    expect(decoded).toEqual(decodeMessageUpload(uploaded, NOW));
    const { data } = (decoded as { value: RecordMessage }).value;
    const fields = without(message, 'agent_id', 'conversation_id');
    expect(messageHash(data.message)).toBe(messageHash(fields as RecordMessage['data']['message']));
  });

  it('has to name its agent, by any of its names', () => {
    const others = without(message, 'agent_id');
    expect(reasons(others)).toEqual(['missing_field agent_id']);
    for (const alias of ['agent', 'agentId']) {
      expect(decode({ ...others, [alias]: 'support_bot_01' })).toEqual(decode(message));
    }
  });

  it('is no conversation where it is a message without its id', () => {
    expect(reasons(without(message, 'message_id'))).toEqual(['missing_field message_id']);
  });

  it.each<[string, Json | Uint8Array | null, string]>([
    ['without a value', null, 'missing_field'],
    ['empty', new Uint8Array(), 'malformed_json'],
    ['a list', [conversation], 'wrong_type'],
    ['a text', 'conv_001', 'wrong_type'],
    ['JSON’s null', Buffer.from('null'), 'wrong_type'],
    ['no JSON', Buffer.from('{"conversation_id":'), 'malformed_json'],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'invalid_utf8'],
    ['beginning with a zero byte', Buffer.from([0, 0, 0, 0, 1, 123]), 'malformed_json'],
    [
      '5,000 levels deep',
      Buffer.from(`{"user_data":${'['.repeat(5000)}${']'.repeat(5000)}}`),
      'too_deep',
    ],
    ['with a NUL', { ...message, content: 'a\0b' }, 'nul_character'],
    ['with half a character', Buffer.from('{"content":"\\ud800"}'), 'lone_surrogate'],
  ])('is refused %s', (_name, value, reason) => {
    expect(reasons(value)[0]?.split(' ')[0]).toBe(reason);
  });

  it('may name its own tenant by id or name, and no other', () => {
    for (const name of TENANT.tenantNames) {
      expect(decode({ ...message, tenant_id: name })).toMatchObject({ ok: true });
      expect(decode(message, { ce_tenant: name })).toMatchObject({ ok: true });
    }
    expect(decode({ ...message, tenant: null })).toMatchObject({ ok: true });
    for (const field of ['tenant', 'tenant_id', 'tenantId']) {
      expect(reasons({ ...conversation, [field]: 'Globex' })).toEqual([`tenant_mismatch ${field}`]);
    }
    expect(reasons({ ...message, tenant: 5 })).toEqual(['tenant_mismatch tenant']);
    expect(reasons(message, { ce_tenant: 'Globex' })).toEqual(['tenant_mismatch ce_tenant']);
    expect(reasons(message, { ce_tenant: '' })).toEqual(['tenant_mismatch ce_tenant']);
  });

  it('may be a CloudEvent in binary mode, whose attributes change nothing, and in no other', () => {
    const attributes = {
      ce_specversion: '9',
      ce_id: 'a',
      ce_type: 'DeleteConversation',
      ce_subject: 'another',
      'content-type': 'application/json',
      kafka_replyTopic: 'ingestion.commands.v1',
    };
    expect(decode(conversation, attributes)).toEqual(decode(conversation));
    const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
    expect(reasons(conversation, structured)).toEqual(['unsupported_type']);
  });

  it('is warned of a byte order mark and of what is not known', () => {
    const marked = Buffer.concat([Buffer.from('\ufeff'), asBytes({ ...message, mood: 'x' })]);
    expect(decode(marked)).toMatchObject({ warnings: ['byte_order_mark', 'unknown_field:mood'] });
  });
});

describe('a refused record', () => {
  it('still says whom it speaks of, where that could be an id', () => {
    expect(
      identityNamedIn(asBytes({ ...message, timestamp: 'now', agent_id: 5, agent: 'b' })),
    ).toEqual({ agent_id: 'b', conversation_id: 'conv_001', message_id: 'msg_002' });
    const nobody = { agent_id: null, conversation_id: null, message_id: null };
    expect(identityNamedIn(asBytes({ conversation_id: 'a\nb' }))).toEqual(nobody);
    expect(identityNamedIn(asBytes([message]))).toEqual(nobody);
    expect(identityNamedIn(Buffer.from('{'))).toEqual(nobody);
    expect(identityNamedIn(null)).toEqual(nobody);
  });

  it('is described by its places, and by nothing of its own words', () => {
    const messages = [{ ...message, timestamp: 'now' }];
    expect(firstText({ ...conversation, messages })).toMatch(
      /^messages\/0\/timestamp must be an RFC 3339/,
    );
    const text = '{"user_data":{"jane@example.com":{"a":1,"a":2}}}';
    expect(firstText(Buffer.from(text))).toBe('user_data/*/* is there more than once');
    expect(firstText([])).toMatch(/^the record must be one/);
  });
});
