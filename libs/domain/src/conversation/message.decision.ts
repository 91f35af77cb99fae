import { type ConversationEvent, type MessageFields, type ReasonCode } from '@parley/contracts';
import { DomainError } from '@parley/event-sourcing';
import { type MessageState } from './conversation.state.js';
import { type DecisionContext, sentHashOf } from './decision-context.js';
import { incomingVersion, standing } from './latest.js';

/** What the messages of a record lead to; `confirmed` are those that repeat what is served, with a later version. */
export interface MessagesDecision {
  readonly events: readonly ConversationEvent[];
  readonly confirmed: readonly { readonly message_id: string; readonly ordinal: number }[];
}

/** Records, revises, supersedes or confirms each message; `firstOrdinal` is the place of the first. */
export function decideMessages(
  served: ReadonlyMap<string, MessageState>,
  messages: readonly MessageFields[],
  context: DecisionContext,
  firstOrdinal = 0,
): MessagesDecision {
  const events: ConversationEvent[] = [];
  const confirmed: { message_id: string; ordinal: number }[] = [];
  const hashes = new Map<string, string>();
  messages.forEach((message, index) => {
    const hash = context.messageHash(message);
    if (isRepeated(hashes, message.message_id, hash)) return;
    const ordinal = firstOrdinal + index;
    const decision = decideOne(
      served.get(message.message_id) ?? null,
      { message, ordinal, hash },
      context,
    );
    if (decision === 'confirmed') confirmed.push({ message_id: message.message_id, ordinal });
    else if (decision) events.push(decision);
  });
  return { events, confirmed };
}

function decideOne(
  served: MessageState | null,
  incoming: { readonly message: MessageFields; readonly ordinal: number; readonly hash: string },
  context: DecisionContext,
): ConversationEvent | 'confirmed' | null {
  const version = incomingVersion(context.version, context.now, served);
  const sent = sentHashOf(context, incoming.message);
  const data = { ...incoming, ...sent, version, door: context.door };
  if (!served) return { type: 'MessageRecorded', data };
  switch (standing(served, data)) {
    case 'later':
      return { type: 'MessageRevised', data };
    case 'earlier':
      return { type: 'MessageSuperseded', data };
    case 'confirmed':
      return 'confirmed';
    case 'identical':
      return null;
  }
}

/** The same message twice in one record counts once; two different ones under one id have no order, so no answer. */
function isRepeated(hashes: Map<string, string>, id: string, hash: string): boolean {
  const first = hashes.get(id);
  if (first !== undefined && first !== hash) {
    throw new DomainError<ReasonCode>(
      'duplicate_key',
      'two different messages of this record have one message_id',
    );
  }
  hashes.set(id, hash);
  return first !== undefined;
}
