import { hash } from 'node:crypto';
import { type HeaderFields, type MessageFields } from '../command/commands.js';
import { type JsonObject } from '../json.js';
import { canonicalText } from './canonical-text.js';

/**
 * The content hash: SHA-256, in lower-case hex, of the canonical form (RFC 8785) of a decoded object. The order of
 * keys and the spelling of numbers and strings make no difference; undefined fields are left out.
 */
export function contentHash(value: JsonObject): string {
  return hash('sha256', canonicalText(value), 'hex');
}

/** The content hash of a conversation's header, its identity included, so that no two conversations share one. */
export function headerHash(
  agent_id: string,
  conversation_id: string,
  header: HeaderFields,
): string {
  return contentHash({ ...header, agent_id, conversation_id });
}

/** The content hash of a message: its parent's identity and its place among the others are no part of it. */
export function messageHash(message: MessageFields): string {
  return contentHash(message);
}
