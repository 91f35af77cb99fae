import {
  checkBounds,
  type ConversationEvent,
  headerHash,
  type HeaderFields,
  type RecordConversation,
  type Version,
} from '@parley/contracts';
import { DomainError } from '@parley/event-sourcing';
import { type ConversationState, type HeaderState } from './conversation.state.js';
import { type DecisionContext, sentHashOf } from './decision-context.js';
import { incomingVersion, standing } from './latest.js';

/** A conversation that is there. */
export type Open = Extract<ConversationState, { readonly status: 'open' }>;

/** What a record's header leads to; `isConfirmed` where it repeats what is served, with a later version. */
export interface HeaderDecision {
  readonly events: readonly ConversationEvent[];
  readonly isConfirmed: boolean;
}

/** Opens, revises, reassigns, supersedes or confirms a header. */
export function decideHeader(
  served: HeaderState | null,
  record: RecordConversation['data'],
  context: DecisionContext,
): HeaderDecision {
  const { agent_id, conversation_id } = record;
  const header =
    served && record.mode === 'merge' ? merge(served.header, record.header) : record.header;
  const version = incomingVersion(context.version, context.now, served);
  const hash = headerHash(agent_id, conversation_id, header);
  const sent = isWhole(header, record.header) ? sentHashOf(context, record.header) : {};
  const data = { header, hash, ...sent, version, door: context.door };
  if (!served)
    return only({ type: 'ConversationOpened', data: { agent_id, conversation_id, ...data } });
  if (served.agent_id !== agent_id) {
    const previous_agent_id = served.agent_id;
    return only({ type: 'ConversationReassigned', data: { agent_id, previous_agent_id, ...data } });
  }
  switch (standing(served, data)) {
    case 'later':
      return only({ type: 'ConversationRevised', data });
    case 'earlier':
      return only({ type: 'ConversationSuperseded', data });
    case 'confirmed':
      return { events: [], isConfirmed: true };
    case 'identical':
      return { events: [], isConfirmed: false };
  }
}

/** One fact for everything in a record that was there already and now has a later version. */
export function confirmRecord(
  isHeaderConfirmed: boolean,
  messages: readonly { readonly message_id: string; readonly ordinal: number }[],
  { door, version }: { readonly door: DecisionContext['door']; readonly version: Version | null },
): readonly ConversationEvent[] {
  if (version === null || (!isHeaderConfirmed && messages.length === 0)) return [];
  const data = { version, door, isHeaderConfirmed, messages };
  return [{ type: 'RecordConfirmed', data }];
}

/** Refuses what would grow beyond a record's bounds: many small calls must not make what one large call may not. */
function merge(served: HeaderFields, sent: HeaderFields): HeaderFields {
  const header = { ...served, ...sent };
  const [problem] = checkBounds(header, []);
  if (problem)
    throw new DomainError(problem.reason, `merged with what is there it ${problem.message}`);
  return header;
}

/** Nothing of what was served before is left in it. */
function isWhole(header: HeaderFields, sent: HeaderFields): boolean {
  return Object.keys(header).length === Object.keys(sent).length;
}

function only(event: ConversationEvent): HeaderDecision {
  return { events: [event], isConfirmed: false };
}
