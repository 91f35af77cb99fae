import {
  type Decoded,
  decodeConversationRecord,
  decodeMessageUpload,
  type Json,
  type RecordConversation,
  type RecordMessage,
} from '@parley/contracts';
import { readPolicy, type RedactionPolicy } from '@parley/redaction';
import { jsonBody } from '../http/json-body.js';
import { unparsed } from '../uploads/upload-body.js';

/** A record that is only tried. */
export type TriedRecord = RecordConversation | RecordMessage;

/** Reads the body of PUT /api/redaction. */
export function policyOf(body: unknown): RedactionPolicy {
  return orUnparsed(readPolicy(jsonBody(body)));
}

/** Reads the body of POST /api/redaction/test: a conversation with or without its messages, or a message. */
export function recordOf(body: unknown): TriedRecord {
  const value = jsonBody(body);
  return orUnparsed<TriedRecord>(
    isMessage(value)
      ? decodeMessageUpload(value, Date.now())
      : decodeConversationRecord(value, Date.now()),
  );
}

function isMessage(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'message_id');
}

function orUnparsed<T>(decoded: Decoded<T>): T {
  if (!decoded.ok) throw unparsed(decoded.problems);
  return decoded.value;
}
