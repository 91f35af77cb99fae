import { type HeaderFields, type JsonObject, type MessageFields } from '@parley/contracts';

/** A conversation's header and its times, in whole seconds with Z. */
export interface StoredHeader {
  readonly conversation_id: string;
  readonly agent_id: string;
  readonly header: HeaderFields;
  readonly created_at: string;
  readonly updated_at: string;
}

/** A message and its times. */
export interface StoredMessage {
  readonly fields: MessageFields;
  readonly created_at: string;
  readonly updated_at: string;
}

/** A header under the names and in the order of the documented upload API; a field that is not there leaves no trace. */
export function documentedHeader(
  conversation_id: string,
  agent: string,
  header: HeaderFields,
): JsonObject {
  const { timestamp, is_resolved, csat_score, ...others } = header;
  return { conversation_id, agent, timestamp, is_resolved, csat_score, ...others };
}

/** A message under the names and in the order of the documented upload API. */
export function documentedMessage(
  conversation_id: string,
  agent: string | undefined,
  message: MessageFields,
): JsonObject {
  const { message_id, role, sender_id, content, timestamp, ...others } = message;
  return { message_id, conversation_id, agent, role, sender_id, content, timestamp, ...others };
}

/** A conversation as a list shows it. */
export function documentedSummary(stored: StoredHeader): JsonObject {
  const { conversation_id, agent_id, header, created_at, updated_at } = stored;
  return { ...documentedHeader(conversation_id, agent_id, header), created_at, updated_at };
}

/** A conversation whole, its messages in the order in which they come. */
export function documentedConversation(
  stored: StoredHeader & { readonly messages: readonly StoredMessage[] },
): JsonObject {
  const messages = stored.messages.map(({ fields, created_at, updated_at }) => ({
    ...documentedMessage(stored.conversation_id, undefined, fields),
    created_at,
    updated_at,
  }));
  return { ...documentedSummary(stored), messages };
}
