import { type HeaderFields, type JsonObject, type MessageFields } from '@parley/contracts';

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
