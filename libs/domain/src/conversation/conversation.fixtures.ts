import {
  type HeaderFields,
  type MessageFields,
  messageHash,
  type RecordConversation,
  type RecordMessage,
  s3Version,
} from '@parley/contracts';
import { type DecisionContext } from './decision-context.js';

/** Noon of a day in 2026, in microseconds since 1970. */
export const NOON = Date.UTC(2026, 0, 15, 12) * 1000;

/** A header as it is sent; override what the story is about. */
export function aHeader(fields: Partial<HeaderFields> = {}): HeaderFields {
  return { timestamp: '2026-01-15T10:30:00Z', is_resolved: false, ...fields };
}

/** A message as it is sent. */
export function aMessage(fields: Partial<MessageFields> = {}): MessageFields {
  return {
    message_id: 'msg_001',
    role: 'customer',
    sender_id: 'customer_123',
    content: 'Hello, I need help with my order',
    timestamp: '2026-01-15T10:31:00Z',
    ...fields,
  };
}

/** A conversation record; as the upload API sends it unless told otherwise. */
export function aRecord(data: Partial<RecordConversation['data']> = {}): RecordConversation {
  return {
    type: 'RecordConversation',
    data: {
      conversation_id: 'conv_001',
      agent_id: 'support_bot',
      mode: 'merge',
      header: aHeader(),
      messages: [],
      ...data,
    },
  };
}

/** One message on its own. */
export function aMessageCommand(message: Partial<MessageFields> = {}): RecordMessage {
  return {
    type: 'RecordMessage',
    data: { conversation_id: 'conv_001', message: aMessage(message) },
  };
}

/** The context of a call that arrives now, over HTTP unless told otherwise. */
export function aContext(context: Partial<DecisionContext> = {}): DecisionContext {
  return {
    door: 'http',
    now: NOON,
    version: null,
    digest: (text) => `digest of ${text}`,
    messageHash,
    ...context,
  };
}

/** The context of a record of an S3 object, last modified `seconds` after noon. */
export function anS3Context(seconds: number, place = 0): DecisionContext {
  const version = s3Version(NOON + seconds * 1_000_000, 'bucket', 'key.json', place);
  return aContext({ door: 's3', version });
}
