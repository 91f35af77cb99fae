import { type MessageFields, type RecordMessage } from '../command/commands.js';
import { type Json } from '../json.js';
import { accepted, type Decoded, refused } from './decoded.js';
import { CONVERSATION_ALIASES } from './field-names.js';
import { MessageUpload, PartnerMessage } from './message.record.js';
import { checkSize, readFields, recordKind, warningsOf, withoutNulls } from './record-fields.js';
import { schemaOf } from './record-rules.js';

/** The JSON Schema of `MessageUpload`. */
export const messageUploadSchema = schemaOf(MessageUpload);

/** The JSON Schema of `PartnerMessage`. */
export const partnerMessageSchema = schemaOf(PartnerMessage);

const UPLOAD = recordKind(MessageUpload, [CONVERSATION_ALIASES, ['agent', 'agent_id', 'agentId']]);

const PARTNER = recordKind(PartnerMessage, [
  CONVERSATION_ALIASES,
  ['agent_id', 'agent', 'agentId'],
]);

type Sent = MessageFields & { readonly conversation_id: string };

/** Decodes the body of `POST /api/messages`; `now` in milliseconds since 1970. */
export function decodeMessageUpload(value: Json, now: number): Decoded<RecordMessage> {
  const read = readFields(UPLOAD, value);
  if (!read.ok) return read;
  const { agent, ...fields } = withoutNulls(read.value, UPLOAD) as Sent & { agent?: string };
  return messageCommand(agent, fields, warningsOf(UPLOAD, read.value, now));
}

/** Decodes a message that a partner sent alone; `now` in milliseconds since 1970. */
export function decodePartnerMessage(value: Json, now: number): Decoded<RecordMessage> {
  const read = readFields(PARTNER, value);
  if (!read.ok) return read;
  const { agent_id, ...fields } = withoutNulls(read.value, PARTNER) as Sent & { agent_id: string };
  return messageCommand(agent_id, fields, warningsOf(PARTNER, read.value, now));
}

function messageCommand(
  agent_id: string | undefined,
  { conversation_id, ...message }: Sent,
  warnings: readonly string[],
): Decoded<RecordMessage> {
  const problems = checkSize(message, []);
  if (problems.length > 0) return refused(problems);
  const parent = agent_id === undefined ? { conversation_id } : { conversation_id, agent_id };
  return accepted({ type: 'RecordMessage', data: { ...parent, message } }, warnings);
}
