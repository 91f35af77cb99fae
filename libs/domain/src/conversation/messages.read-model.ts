import { type ConversationEvent, type MessageFields, parseTimestamp } from '@parley/contracts';
import { type ReadModel, type Recorded } from '@parley/event-sourcing';
import { changedMessages, evolveMessage, type MessageState } from './conversation.state.js';

/** A message as it is served and as the rules see it. Times are microseconds since 1970. */
export interface MessageRow extends MessageState {
  readonly stream_id: string;
  readonly message_id: string;
  /** The message as sent, whole. */
  readonly fields: MessageFields;
  readonly sender_id: string;
  /** With `sent_nanos` (0–999) the moment that its timestamp names; `ordinal` and `message_id` break ties (D61). */
  readonly sent_at: bigint;
  readonly sent_nanos: number;
  /** Stream version and position of the event that last changed it. */
  readonly stream_version: number;
  readonly position: number;
  readonly created_at: bigint;
  readonly updated_at: bigint;
}

/** The row after an event that touches the message. */
function project(
  row: MessageRow | null,
  recorded: Recorded<ConversationEvent>,
  message_id: string,
): MessageRow | null {
  const { event, streamId, streamVersion, position, recordedAt } = recorded;
  const state = evolveMessage(row, event, message_id);
  const fields = fieldsOf(event) ?? row?.fields;
  if (!state || !fields) return null;
  const sent = row?.fields === fields ? row : sentAt(fields);
  const now = BigInt(recordedAt);
  return {
    stream_id: streamId,
    message_id,
    fields,
    sender_id: fields.sender_id,
    sent_at: sent.sent_at,
    sent_nanos: sent.sent_nanos,
    ordinal: state.ordinal,
    content_hash: state.content_hash,
    sent_hash: state.sent_hash,
    version: state.version,
    stream_version: streamVersion,
    position,
    created_at: row?.created_at ?? now,
    updated_at: now,
  };
}

function fieldsOf(event: ConversationEvent): MessageFields | null {
  return event.type === 'MessageRecorded' || event.type === 'MessageRevised'
    ? event.data.message
    : null;
}

function sentAt(fields: MessageFields): Pick<MessageRow, 'sent_at' | 'sent_nanos'> {
  const parsed = parseTimestamp(fields.timestamp);
  return { sent_at: parsed?.micros ?? 0n, sent_nanos: parsed?.nanos ?? 0 };
}

/** One row a message. */
export const messages: ReadModel<MessageRow, ConversationEvent> = {
  table: 'messages',
  item: 'message_id',
  columns: {
    stream_id: { kind: 'uuid' },
    message_id: { kind: 'text' },
    fields: { kind: 'json' },
    sender_id: { kind: 'text' },
    sent_at: { kind: 'timestamp' },
    sent_nanos: { kind: 'integer' },
    ordinal: { kind: 'integer' },
    content_hash: { kind: 'sha256' },
    sent_hash: { kind: 'sha256', nullable: true },
    version: { kind: 'text' },
    stream_version: { kind: 'integer' },
    position: { kind: 'bigint' },
    created_at: { kind: 'timestamp' },
    updated_at: { kind: 'timestamp' },
  },
  indexes: [['sender_id', 'stream_id']],
  touches: ({ event }) => (event.type === 'ConversationDeleted' ? 'all' : changedMessages(event)),
  project,
};
