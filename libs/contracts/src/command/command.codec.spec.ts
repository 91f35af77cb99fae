import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeConversationUpload } from '../record/conversation.decoder.js';
import { parseJson } from '../record/json-document.js';
import { decodeCommand, type DeliveredCommand, encodeCommand } from './command.codec.js';
import { type CommandEnvelope, type IngestionCommand } from './commands.js';
import { s3Version } from './version.js';

const message = {
  message_id: 'm1',
  role: 'customer',
  sender_id: 's1',
  content: 'Grüße, 😀',
  timestamp: '2024-01-15T10:31:00Z',
  logs: [{ name: 'a' }],
} as const;

const recordMessage: IngestionCommand = {
  type: 'RecordMessage',
  data: { conversation_id: 'c/ü 😀', agent_id: 'bot', message },
};

const recordConversation: IngestionCommand = {
  type: 'RecordConversation',
  data: {
    conversation_id: 'c1',
    agent_id: 'bot',
    mode: 'replace',
    header: { timestamp: '2024-01-15T10:30:00Z', is_resolved: true, extra: { a: [null, 1.5] } },
    messages: [message, { ...message, message_id: 'm2' }],
  },
};

const envelope: CommandEnvelope = {
  command_id: '0190f8a0-0000-7000-8000-000000000001',
  attempt_id: '0190f8a0-0000-7000-8000-000000000002',
  tenant: 't_0123abcd',
  door: 'http',
  command: recordMessage,
  warnings: ['unknown_field:mood'],
  source: { door: 'http', item: 3 },
};

/** The record as the bus delivers it, with some of it replaced. */
function delivered(
  replaced: {
    headers?: Record<string, Buffer | undefined>;
    value?: unknown;
    key?: Buffer | null;
  } = {},
  from: CommandEnvelope = envelope,
): DeliveredCommand {
  const { key, headers, value } = encodeCommand(from);
  const bytes = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]);
  return {
    key: replaced.key === undefined ? Buffer.from(key) : replaced.key,
    headers: { ...(Object.fromEntries(bytes) as Record<string, Buffer>), ...replaced.headers },
    value:
      replaced.value === undefined
        ? value
        : Buffer.from(
            JSON.stringify({
              ...(JSON.parse(value.toString()) as object),
              ...(replaced.value as object),
            }),
          ),
  };
}

function verdict(record: DeliveredCommand): string {
  const decoded = decodeCommand(record);
  if (decoded.ok) return 'ok';
  const [first] = decoded.problems;
  return `${String(first?.reason)} ${String(first?.place.join('.'))}`;
}

describe('a command on the bus', () => {
  it.each<[string, CommandEnvelope]>([
    ['a message', envelope],
    ['a conversation', { ...envelope, door: 'upload', command: recordConversation }],
    [
      'a deletion',
      { ...envelope, command: { type: 'DeleteConversation', data: { conversation_id: 'c1' } } },
    ],
    [
      'a record of an S3 object',
      {
        ...envelope,
        door: 's3',
        request_hash: 'ab'.repeat(32),
        version: s3Version(1_705_314_600_000_001, 'bucket', 'a/b.json', 7),
      },
    ],
    [
      'a record of which something was masked',
      {
        ...envelope,
        command: recordConversation,
        redaction: {
          masked: ['messages[].content: email'],
          header_hash: 'ab'.repeat(32),
          message_hashes: [null, 'cd'.repeat(32)],
        },
      },
    ],
    [
      'a command that others led to',
      {
        ...envelope,
        trace: {
          correlation_id: 'turn-1',
          causation_id: 'event-1',
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        },
      },
    ],
  ])('comes out as it went in: %s', (_, sent) => {
    expect(decodeCommand(delivered({}, sent))).toEqual({ ok: true, value: sent, warnings: [] });
    expect(decodeCommand(encodeCommand(sent))).toEqual({ ok: true, value: sent, warnings: [] });
  });

  it('is a CloudEvent in binary content mode', () => {
    const { key, headers, value } = encodeCommand(envelope);
    expect(key).toBe('t_0123abcd/c/ü 😀');
    expect(headers).toEqual({
      ce_specversion: '1.0',
      ce_id: envelope.attempt_id,
      ce_type: 'RecordMessage',
      ce_source: '/doors/http',
      ce_subject: 'c/ü 😀',
      ce_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      ce_tenant: 't_0123abcd',
      ce_commandid: envelope.command_id,
      ce_correlationid: envelope.command_id,
      'content-type': 'application/json',
    });
    expect(JSON.parse(value.toString())).toEqual({
      data: recordMessage.data,
      warnings: envelope.warnings,
      source: envelope.source,
    });
  });

  it('carries a record as deep as any door takes', () => {
    const text = `{"conversation_id":"c1","agent":"a","timestamp":"2024-01-15T10:30:00Z","is_resolved":true,
      "user_data":{"a":${'['.repeat(62)}${']'.repeat(62)}}}`;
    const parsed = parseJson(Buffer.from(text));
    const decoded = parsed.ok ? decodeConversationUpload(parsed.value, 0) : parsed;
    if (!decoded.ok) throw new Error('the record is as deep as may be');
    const sent = { ...envelope, command: decoded.value };
    expect(decodeCommand(delivered({}, sent))).toEqual({ ok: true, value: sent, warnings: [] });
  });

  it('may come without a key, and with headers of other programs', () => {
    const headers = { kafka_replyTopic: Buffer.from([0xff, 0xfe]) };
    expect(verdict(delivered({ key: null, headers }))).toBe('ok');
  });
});

describe('a record that is no command', () => {
  const text = (value: string) => Buffer.from(value);

  it.each([
    ['ce_specversion', text('0.3'), 'wrong_type'],
    ['ce_specversion', undefined, 'missing_field'],
    ['ce_id', undefined, 'missing_field'],
    ['ce_id', text(''), 'too_short'],
    ['ce_id', Buffer.from([0xff, 0xfe]), 'invalid_utf8'],
    ['ce_id', text('1'), 'wrong_type'],
    ['ce_type', text('DropEverything'), 'wrong_type'],
    ['ce_type', text('constructor'), 'wrong_type'],
    ['ce_source', text('/doors/window'), 'wrong_type'],
    ['ce_subject', text('another'), 'wrong_type'],
    ['ce_subject', text('a\0'), 'control_character'],
    ['ce_time', text('yesterday'), 'bad_timestamp'],
    ['ce_tenant', undefined, 'missing_field'],
    ['ce_tenant', text('t'.repeat(201)), 'too_long'],
    ['ce_commandid', undefined, 'missing_field'],
    ['ce_commandid', text('not-a-uuid'), 'wrong_type'],
    ['ce_commandid', text('0190F8A0-0000-7000-8000-000000000001'), 'wrong_type'],
  ])('is refused for its header %s being %s: %s', (name, given, reason) => {
    expect(verdict(delivered({ headers: { [name]: given } }))).toBe(`${reason} headers.${name}`);
  });

  it.each([
    [null, 'malformed_json value'],
    [Buffer.alloc(0), 'malformed_json value'],
    [Buffer.from([0, 1, 2]), 'malformed_json value'],
    [Buffer.from([0x22, 0xff, 0x22]), 'invalid_utf8 value'],
    [text('5'), 'wrong_type value'],
    [text('{"data":{},"data":{}}'), 'duplicate_key value.data'],
    [text(`${'['.repeat(5_000)}${']'.repeat(5_000)}`), `too_deep value${'.0'.repeat(67)}`],
    [text('{"warnings":[],"source":{}}'), 'missing_field value.data'],
  ])('is refused for its value: %s', (value, expected) => {
    expect(verdict({ ...delivered(), value })).toBe(expected);
  });

  it.each([
    [{ warnings: 'none' }, 'wrong_type value.warnings'],
    [{ warnings: [1] }, 'wrong_type value.warnings.0'],
    [{ source: [] }, 'wrong_type value.source'],
    [{ version: 5 }, 'wrong_type value.version'],
    [{ version: 'abc' }, 'wrong_type value.version'],
    [{ request_hash: 'nope' }, 'wrong_type value.request_hash'],
    [{ redaction: {} }, 'missing_field value.redaction.masked'],
    [{ redaction: { masked: [], header_hash: 'nope' } }, 'wrong_type value.redaction'],
    [{ redaction: { masked: [], message_hashes: [] } }, 'wrong_type value.redaction'],
    [{ redaction: { masked: [], message_hashes: ['nope'] } }, 'wrong_type value.redaction'],
    [{ data: { ...recordMessage.data, agent_id: 5 } }, 'wrong_type value.data.agent_id'],
    [{ data: { agent_id: 'bot', message } }, 'missing_field value.data.conversation_id'],
    [{ data: { conversation_id: 'c1', message } }, 'wrong_type headers.ce_subject'],
    [
      { data: { ...recordMessage.data, message: { ...message, timestamp: 'now' } } },
      'bad_timestamp value.data.message.timestamp',
    ],
    [
      { data: { ...recordMessage.data, message: { ...message, role: 'root' } } },
      'unknown_role value.data.message.role',
    ],
  ])('is refused for %j', (value, expected) => {
    expect(verdict(delivered({ value }))).toBe(expected);
  });

  it('is refused for a mode that does not exist, or a header without its timestamp', () => {
    const sent = { ...envelope, command: recordConversation };
    const { data } = recordConversation;
    expect(verdict(delivered({ value: { data: { ...data, mode: 'erase' } } }, sent))).toBe(
      'wrong_type value.data.mode',
    );
    expect(verdict(delivered({ value: { data: { ...data, header: {} } } }, sent))).toBe(
      'missing_field value.data.header.timestamp',
    );
  });

  it('is refused for the key of another conversation', () => {
    expect(verdict(delivered({ key: text('t_other/c1') }))).toBe('wrong_type key');
    expect(verdict(delivered({ key: Buffer.from([0xff]) }))).toBe('wrong_type key');
  });

  it('is refused and never thrown at, whatever its bytes', () => {
    const names = Object.keys(encodeCommand(envelope).headers);
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(fc.constantFrom(...names, 'value', 'key'), bytes, (name, junk) => {
        const record = delivered();
        const broken =
          name === 'value' || name === 'key'
            ? { ...record, [name]: junk }
            : { ...record, headers: { ...record.headers, [name]: junk } };
        expect(typeof decodeCommand(broken).ok).toBe('boolean');
      }),
      { numRuns: 2_000 },
    );
  });
});
