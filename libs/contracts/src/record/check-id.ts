import { type Problem } from '../reason-codes.js';
import { type Place, problem } from './decoded.js';
import { MAX_ID_LENGTH, NO_CONTROL_CHARACTERS } from './record-rules.js';
import { TEXT_MESSAGES, textProblem } from './text.js';

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
