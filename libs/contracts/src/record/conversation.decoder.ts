import {
  type HeaderFields,
  type MessageFields,
  type RecordConversation,
} from '../command/commands.js';
import { type Json, type JsonObject } from '../json.js';
import { type Problem } from '../reason-codes.js';
import { ConversationRecord, ConversationUpload } from './conversation.record.js';
import { accepted, type Decoded, problem, refused } from './decoded.js';
import { CONVERSATION_ALIASES } from './field-names.js';
import { MessageRecord } from './message.record.js';
import { checkSize, readFields, recordKind, warningsOf, withoutNulls } from './record-fields.js';
import { schemaOf } from './record-rules.js';

/** The JSON Schema of `ConversationUpload`. */
export const conversationUploadSchema = schemaOf(ConversationUpload);

/** The JSON Schema of `ConversationRecord`. */
export const conversationRecordSchema = schemaOf(ConversationRecord);

const UPLOAD = recordKind(ConversationUpload, [
  CONVERSATION_ALIASES,
  ['agent', 'agent_id', 'agentId'],
]);
const RECORD = recordKind(ConversationRecord, [
  CONVERSATION_ALIASES,
  ['agent_id', 'agent', 'agentId'],
]);
const MESSAGE = recordKind(MessageRecord);

type Upload = HeaderFields & { readonly conversation_id: string; readonly agent: string };

type Record = HeaderFields & {
  readonly conversation_id: string;
  readonly agent_id: string;
  readonly messages?: readonly JsonObject[];
};

interface Messages {
  readonly messages: readonly MessageFields[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** Decodes the body of `POST /api/conversations`; `now` in milliseconds since 1970. */
export function decodeConversationUpload(value: Json, now: number): Decoded<RecordConversation> {
  const read = readFields(UPLOAD, value);
  if (!read.ok) return read;
  const { conversation_id, agent, ...header } = withoutNulls(read.value, UPLOAD) as Upload;
  const problems = checkSize(header, []);
  if (problems.length > 0) return refused(problems);
  const data = { conversation_id, agent_id: agent, mode: 'merge', header, messages: [] } as const;
  return accepted({ type: 'RecordConversation', data }, warningsOf(UPLOAD, read.value, now));
}

/**
 * Decodes a conversation record of a file or a partner's topic, all of it or nothing: one bad message, named by its
 * place, refuses the record. `is_resolved` is false and `messages` empty where not said. `now` in milliseconds since
 * 1970.
 */
export function decodeConversationRecord(value: Json, now: number): Decoded<RecordConversation> {
  const read = readFields(RECORD, value);
  if (!read.ok) return read;
  const fields = withoutNulls(read.value, RECORD) as Record;
  const { conversation_id, agent_id, messages: sent = [], ...said } = fields;
  const header = said['is_resolved'] === undefined ? { ...said, is_resolved: false } : said;
  const { messages, problems, warnings } = readMessages(sent, conversation_id, now);
  const found = [...checkSize(header, []), ...problems];
  if (found.length > 0) return refused(found);
  const data = { conversation_id, agent_id, mode: 'replace', header, messages } as const;
  return accepted({ type: 'RecordConversation', data }, [
    ...warningsOf(RECORD, read.value, now),
    ...warnings,
  ]);
}

function readMessages(sent: readonly JsonObject[], parent: string, now: number): Messages {
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const messages = sent.map((fields, index) => {
    const { conversation_id, ...message } = withoutNulls(fields, MESSAGE) as MessageFields & {
      readonly conversation_id?: string;
    };
    if (conversation_id !== undefined && conversation_id !== parent) {
      const place = ['messages', index, 'conversation_id'];
      problems.push(problem('wrong_type', place, 'names another conversation'));
    }
    problems.push(...checkSize(message, ['messages', index]));
    warnings.push(...warningsOf(MESSAGE, fields, now, 'messages[].'));
    return message;
  });
  return { messages, problems, warnings };
}
