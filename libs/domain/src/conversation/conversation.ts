import {
  type ConversationEvent,
  type DeleteConversation,
  type MessageFields,
  type ReasonCode,
  type RecordConversation,
  type RecordMessage,
} from '@parley/contracts';
import { type Decider, DomainError } from '@parley/event-sourcing';
import {
  changedMessages,
  type ConversationState,
  evolveHeader,
  evolveMessage,
  type MessageState,
} from './conversation.state.js';
import { type DecisionContext } from './decision-context.js';
import { identityTexts } from './identity.js';
import { confirmRecord, decideHeader, type Open } from './header.decision.js';
import { decideMessages } from './message.decision.js';

/** The commands of one conversation, already routed to its stream by `findConversation`. */
export type ConversationCommand = RecordConversation | RecordMessage | DeleteConversation;

/** What a command leads to. */
function decide(
  state: ConversationState,
  command: ConversationCommand,
  context: DecisionContext,
): readonly ConversationEvent[] {
  switch (command.type) {
    case 'RecordConversation':
      return decideRecord(state, command.data, context);
    case 'RecordMessage':
      return decideMessage(state, command.data.message, context);
    case 'DeleteConversation':
      return decideDeletion(state, context);
  }
}

function decideRecord(
  state: ConversationState,
  record: RecordConversation['data'],
  context: DecisionContext,
): readonly ConversationEvent[] {
  if (state.status === 'deleted') throw deleted();
  const open: Open | null = state.status === 'open' ? state : null;
  const header = decideHeader(open?.conversation ?? null, record, context);
  const messages = decideMessages(
    open?.messages ?? new Map<string, MessageState>(),
    record.messages,
    context,
  );
  return [
    ...header.events,
    ...messages.events,
    ...confirmRecord(header.isConfirmed, messages.confirmed, context),
  ];
}

function decideMessage(
  state: ConversationState,
  message: MessageFields,
  context: DecisionContext,
): readonly ConversationEvent[] {
  if (state.status === 'deleted') throw deleted();
  if (state.status === 'absent') throw notFound();
  const ordinal = state.messages.get(message.message_id)?.ordinal ?? 0;
  const { events, confirmed } = decideMessages(state.messages, [message], context, ordinal);
  return [...events, ...confirmRecord(false, confirmed, context)];
}

function decideDeletion(
  state: ConversationState,
  context: DecisionContext,
): readonly ConversationEvent[] {
  if (state.status !== 'open') throw notFound();
  const digests = identityTexts(state.conversation).map(context.digest);
  return [{ type: 'ConversationDeleted', data: { digests, door: context.door } }];
}

/** What an event changes. */
function evolve(state: ConversationState, event: ConversationEvent): ConversationState {
  if (event.type === 'ConversationDeleted') return { status: 'deleted' };
  const open = state.status === 'open' ? state : null;
  const conversation = evolveHeader(open?.conversation ?? null, event);
  if (!conversation) return state;
  const messages = new Map(open?.messages);
  for (const id of changedMessages(event)) {
    const message = evolveMessage(messages.get(id) ?? null, event, id);
    if (message) messages.set(id, message);
  }
  return { status: 'open', conversation, messages };
}

function deleted(): DomainError<ReasonCode> {
  return new DomainError(
    'conversation_deleted',
    'this conversation was deleted; nothing revives it',
  );
}

function notFound(): DomainError<ReasonCode> {
  return new DomainError('conversation_not_found', 'there is no conversation with this id');
}

/** The rules of a conversation: D6–D11, D44–D52, D61 and D63, and identity, deduplication and "latest". */
export const conversation: Decider<
  ConversationState,
  ConversationCommand,
  ConversationEvent,
  DecisionContext
> = { initial: { status: 'absent' }, decide, evolve };
