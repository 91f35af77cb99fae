import {
  type ConversationEvent,
  type Door,
  type HeaderFields,
  type Version,
} from '@parley/contracts';
import { assertNever } from '@parley/event-sourcing';

/** What the rules need to know of a conversation's header. */
export interface HeaderState {
  readonly agent_id: string;
  readonly conversation_id: string;
  readonly header: HeaderFields;
  readonly content_hash: string;
  /** The hash of what was sent, where redaction made it something else; else null. */
  readonly sent_hash: string | null;
  readonly version: Version;
  /** Whether the upload API has written to it: to its clients `conversation_id` alone is the identity (D7). */
  readonly is_api_written: boolean;
  /** Whether any door but the upload API has written to it; then it is never reassigned. */
  readonly has_other_door: boolean;
  /** The agents it belonged to before, oldest first. */
  readonly former_agents: readonly string[];
}

/** What the rules need to know of a message. */
export interface MessageState {
  readonly content_hash: string;
  readonly sent_hash: string | null;
  readonly version: Version;
  readonly ordinal: number;
}

/** A conversation as `decide` sees it; `messages` holds at least those that the command touches. */
export type ConversationState =
  | { readonly status: 'absent' }
  | { readonly status: 'deleted' }
  | {
      readonly status: 'open';
      readonly conversation: HeaderState;
      readonly messages: ReadonlyMap<string, MessageState>;
    };

/** The header state after an event, null before the opening and after the deletion. */
export function evolveHeader(
  state: HeaderState | null,
  event: ConversationEvent,
): HeaderState | null {
  switch (event.type) {
    case 'ConversationOpened':
      return {
        agent_id: event.data.agent_id,
        conversation_id: event.data.conversation_id,
        ...revision(event.data),
        is_api_written: event.data.door === 'http',
        has_other_door: event.data.door !== 'http',
        former_agents: [],
      };
    case 'ConversationDeleted':
      return null;
    default:
      return state && touchedBy(event.data.door, evolveOpen(state, event));
  }
}

type OpenEvent = Exclude<
  ConversationEvent,
  { readonly type: 'ConversationOpened' | 'ConversationDeleted' }
>;

function evolveOpen(state: HeaderState, event: OpenEvent): HeaderState {
  switch (event.type) {
    case 'ConversationRevised':
      return { ...state, ...revision(event.data) };
    case 'ConversationReassigned':
      return {
        ...state,
        ...revision(event.data),
        agent_id: event.data.agent_id,
        former_agents: [...state.former_agents, event.data.previous_agent_id],
      };
    case 'RecordConfirmed':
      return event.data.isHeaderConfirmed ? { ...state, version: event.data.version } : state;
    case 'ConversationSuperseded':
    case 'MessageRecorded':
    case 'MessageRevised':
    case 'MessageSuperseded':
      return state;
    default:
      return assertNever(event);
  }
}

/** The message state after an event that concerns the message `id`. */
export function evolveMessage(
  state: MessageState | null,
  event: ConversationEvent,
  id: string,
): MessageState | null {
  switch (event.type) {
    case 'MessageRecorded':
    case 'MessageRevised': {
      const { hash, sent_hash = null, version, ordinal } = event.data;
      return { content_hash: hash, sent_hash, version, ordinal };
    }
    case 'RecordConfirmed': {
      const confirmed = event.data.messages.find((message) => message.message_id === id);
      if (!state || !confirmed) return state;
      return { ...state, version: event.data.version, ordinal: confirmed.ordinal };
    }
    case 'ConversationDeleted':
      return null;
    default:
      return state;
  }
}

/** The ids of the messages that an event changes. */
export function changedMessages(event: ConversationEvent): readonly string[] {
  switch (event.type) {
    case 'MessageRecorded':
    case 'MessageRevised':
      return [event.data.message.message_id];
    case 'RecordConfirmed':
      return event.data.messages.map((message) => message.message_id);
    default:
      return [];
  }
}

function revision(data: Extract<ConversationEvent, { type: 'ConversationRevised' }>['data']) {
  const { header, hash, sent_hash = null, version } = data;
  return { header, content_hash: hash, sent_hash, version };
}

function touchedBy(door: Door, state: HeaderState): HeaderState {
  const isApi = door === 'http';
  if (isApi ? state.is_api_written : state.has_other_door) return state;
  return isApi ? { ...state, is_api_written: true } : { ...state, has_other_door: true };
}
