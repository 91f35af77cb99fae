import {
  type HeaderFields,
  type MessageFields,
  type RecordConversation,
  type RecordMessage,
} from '@parley/contracts';

/** A conversation as the upload API sends it. */
export function aConversation(
  conversation_id: string,
  header: Partial<HeaderFields> = {},
  other: Partial<RecordConversation['data']> = {},
): RecordConversation {
  const fields = { timestamp: '2026-01-15T10:30:00Z', is_resolved: false, ...header };
  const data = { conversation_id, agent_id: 'bot', mode: 'merge', header: fields, messages: [] };
  return { type: 'RecordConversation', data: { ...data, ...other } as RecordConversation['data'] };
}

/** The fields of a message. */
export function messageFields(
  message_id: string,
  fields: Partial<MessageFields> = {},
): MessageFields {
  return {
    message_id,
    role: 'customer',
    sender_id: 'customer_123',
    content: 'Hello',
    timestamp: '2026-01-15T10:31:00Z',
    ...fields,
  };
}

/** One message, for the conversation of that id. */
export function aMessage(
  conversation_id: string,
  message_id: string,
  fields: Partial<MessageFields> = {},
): RecordMessage {
  return {
    type: 'RecordMessage',
    data: { conversation_id, message: messageFields(message_id, fields) },
  };
}
