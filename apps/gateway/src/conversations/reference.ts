import { checkId, type DeleteConversation } from '@parley/contracts';
import { details, type HttpProblem, invalid, problem } from '../errors/http-problem.js';

/** The header of a read's answer: how far the log had got when it was read. */
export const AS_OF_HEADER = 'Parley-As-Of-Position';

/** What a path and its query name, checked. Reads and deletions mean the same conversation (D7), so they name it alike. */
export function referenceTo(conversation_id: string, agent: string | null): DeleteConversation {
  const found = checkId(conversation_id, ['conversation_id']);
  if (found) throw invalid(...details([found], ['path']));
  return {
    type: 'DeleteConversation',
    data: agent === null ? { conversation_id } : { conversation_id, agent_id: agent },
  };
}

/** The answer where there is no such conversation, as of a position of the log. */
export function notFound(detail: string, asOfPosition: number): HttpProblem {
  return problem(404, 'conversation_not_found', detail, { [AS_OF_HEADER]: String(asOfPosition) });
}
