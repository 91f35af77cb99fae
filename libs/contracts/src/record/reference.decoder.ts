import { type DeleteConversation } from '../command/commands.js';
import { type Json } from '../json.js';
import { type Problem } from '../reason-codes.js';
import { ConversationReference } from './conversation.record.js';
import { accepted, type Decoded, type Place, problem, refused } from './decoded.js';
import { CONVERSATION_ALIASES } from './field-names.js';
import { readFields, recordKind } from './record-fields.js';
import { MAX_ID_LENGTH, NO_CONTROL_CHARACTERS } from './record-rules.js';
import { TEXT_MESSAGES, textProblem } from './text.js';

const REFERENCE = recordKind(ConversationReference, [
  CONVERSATION_ALIASES,
  ['agent', 'agent_id', 'agentId'],
]);

/** What is wrong with an id that did not come as JSON but in a path or a query; null where nothing is. */
export function checkId(id: string, place: Place): Problem | null {
  const unfit = textProblem(id);
  if (unfit !== null) return problem(unfit, place, TEXT_MESSAGES[unfit]);
  if (id === '') return problem('too_short', place, 'is empty');
  if (id.length > MAX_ID_LENGTH && [...id].length > MAX_ID_LENGTH) {
    return problem('too_long', place, `has more than ${MAX_ID_LENGTH} characters`);
  }
  return NO_CONTROL_CHARACTERS.test(id)
    ? null
    : problem('control_character', place, 'holds a control character');
}

/** Decodes which conversation is meant, from a path and a query: its id and perhaps its agent's. */
export function decodeReference(value: Json): Decoded<DeleteConversation['data']> {
  const read = readFields(REFERENCE, value);
  if (!read.ok) return read;
  const { conversation_id, agent } = read.value as unknown as ConversationReference;
  const problems = [
    checkId(conversation_id, ['conversation_id']),
    typeof agent === 'string' ? checkId(agent, ['agent']) : null,
  ].filter((found) => found !== null);
  if (problems.length > 0) return refused(problems);
  return accepted(
    typeof agent === 'string' ? { conversation_id, agent_id: agent } : { conversation_id },
  );
}
