import { type Door, type IngestionCommand, type ReasonCode } from '@parley/contracts';
import { DomainError } from '@parley/event-sourcing';
import { type HeaderState } from './conversation.state.js';

/** A conversation that has the `conversation_id` in question. */
export type Candidate = Pick<HeaderState, 'agent_id' | 'is_api_written' | 'has_other_door'> & {
  /** Position of the last event that the upload API led to; null where it never wrote. */
  readonly api_position: number | null;
};

/**
 * Which conversation a command means (D7), of all that have its `conversation_id`; null where there is none.
 * Refuses with `ambiguous_conversation` where no agent is named and several fit.
 */
export function findConversation<C extends Candidate>(
  candidates: readonly C[],
  command: IngestionCommand,
  door: Door,
): C | null {
  const { agent_id } = command.data;
  if (agent_id === undefined) return apiLast(candidates) ?? onlyOne(candidates);
  const exact = candidates.find((candidate) => candidate.agent_id === agent_id);
  if (exact) return exact;
  if (command.type !== 'RecordConversation' || door !== 'http') return null;
  const movable = apiLast(candidates);
  return movable && !movable.has_other_door ? movable : null;
}

/**
 * The texts whose keyed digests, where one of them is among the deleted, mean that a command speaks of a conversation
 * that was deleted (D63). `found` is the one that it would go to: none, or one that would be reassigned.
 */
export function deletedTexts(
  command: IngestionCommand,
  door: Door,
  found: Pick<Candidate, 'agent_id'> | null = null,
): readonly string[] {
  const { agent_id, conversation_id } = command.data;
  if (agent_id === undefined) return found ? [] : [conversationText(conversation_id)];
  if (found) return found.agent_id === agent_id ? [] : [identityText(agent_id, conversation_id)];
  const exact = [identityText(agent_id, conversation_id)];
  return command.type === 'RecordConversation' && door === 'http'
    ? [...exact, apiText(conversation_id)]
    : exact;
}

/** Every identity that a conversation had, as texts to be digested when it is deleted. */
export function identityTexts(conversation: HeaderState): readonly string[] {
  const { conversation_id, former_agents, agent_id, is_api_written } = conversation;
  const agents = new Set([...former_agents, agent_id]);
  return [
    ...Array.from(agents, (agent) => identityText(agent, conversation_id)),
    conversationText(conversation_id),
    ...(is_api_written ? [apiText(conversation_id)] : []),
  ];
}

function apiLast<C extends Candidate>(candidates: readonly C[]): C | null {
  const written = candidates.filter((candidate) => candidate.api_position !== null);
  return written.reduce<C | null>(
    (last, next) => ((next.api_position ?? 0) > (last?.api_position ?? 0) ? next : last),
    null,
  );
}

function onlyOne<C extends Candidate>(candidates: readonly C[]): C | null {
  if (candidates.length > 1) {
    throw new DomainError<ReasonCode>(
      'ambiguous_conversation',
      'several agents have a conversation with this id: name the agent',
    );
  }
  return candidates[0] ?? null;
}

function identityText(agentId: string, conversationId: string): string {
  return JSON.stringify(['agent and conversation', agentId, conversationId]);
}

function conversationText(conversationId: string): string {
  return JSON.stringify(['conversation', conversationId]);
}

function apiText(conversationId: string): string {
  return JSON.stringify(['conversation of the upload API', conversationId]);
}
