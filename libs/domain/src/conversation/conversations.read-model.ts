import { type ConversationEvent, parseTimestamp } from '@parley/contracts';
import { type ReadModel, type Recorded } from '@parley/event-sourcing';
import { evolveHeader, type HeaderState } from './conversation.state.js';

/** A conversation as it is served and as the rules see it. Times are microseconds since 1970. */
export interface ConversationRow extends HeaderState {
  readonly stream_id: string;
  /** When it started, as its header says. */
  readonly started_at: bigint;
  readonly message_count: number;
  readonly api_position: number | null;
  readonly stream_version: number;
  /** Position of its last event. */
  readonly position: number;
  readonly created_at: bigint;
  readonly updated_at: bigint;
}

/** The row after an event, null before the opening and after the deletion. */
function project(
  row: ConversationRow | null,
  recorded: Recorded<ConversationEvent>,
): ConversationRow | null {
  const { event, streamId, streamVersion, position, recordedAt } = recorded;
  const state = evolveHeader(row, event);
  if (!state) return null;
  const now = BigInt(recordedAt);
  const before = row ?? { header: null, started_at: 0n, message_count: 0, api_position: null };
  return {
    ...state,
    stream_id: streamId,
    started_at: before.header === state.header ? before.started_at : startOf(state),
    message_count: before.message_count + (event.type === 'MessageRecorded' ? 1 : 0),
    api_position: event.data.door === 'http' ? position : before.api_position,
    stream_version: streamVersion,
    position,
    created_at: row?.created_at ?? now,
    updated_at: now,
  };
}

function startOf(state: HeaderState): bigint {
  return parseTimestamp(state.header.timestamp)?.micros ?? 0n;
}

/** One row a conversation: its header, whole, and what lists and decisions ask for. */
export const conversations: ReadModel<ConversationRow, ConversationEvent> = {
  table: 'conversations',
  columns: {
    stream_id: { kind: 'uuid' },
    agent_id: { kind: 'text' },
    conversation_id: { kind: 'text' },
    header: { kind: 'json' },
    content_hash: { kind: 'sha256' },
    sent_hash: { kind: 'sha256', nullable: true },
    version: { kind: 'text' },
    started_at: { kind: 'timestamp' },
    message_count: { kind: 'integer' },
    is_api_written: { kind: 'boolean' },
    has_other_door: { kind: 'boolean' },
    former_agents: { kind: 'json' },
    api_position: { kind: 'bigint', nullable: true },
    stream_version: { kind: 'integer' },
    position: { kind: 'bigint' },
    created_at: { kind: 'timestamp' },
    updated_at: { kind: 'timestamp' },
  },
  unique: [['conversation_id', 'agent_id']],
  indexes: [['started_at', 'stream_id']],
  touches: (recorded) => (recorded.event.type === 'ConversationDeleted' ? 'all' : ['']),
  project,
};
