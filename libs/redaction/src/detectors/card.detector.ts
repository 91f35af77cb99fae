import { type LookedAt, NOTHING, type Span } from './detector.js';
import { digitsOf, groupsOf, inRuns, type NumberRun } from './number-runs.js';

const SHORTEST = 13;
const LONGEST = 19;
// The networks that issue cards to people: ISO/IEC 7812 gives them these first digits.
const NETWORK = /^(?:2[2-7]|[3-6])/;
const FIRST_DIGIT = /[2-6]/;
const WORD = /[\p{L}\p{N}_-]/u;
const HEXADECIMAL = /^[\da-f-]*[a-f][\da-f-]*$/i;
const LONGEST_WORD = 80;

/**
 * Payment card numbers: 13 to 19 digits, together or in groups, of a network's range and with a right check digit
 * (Luhn). Digits within a hexadecimal word, such as a digest or a UUID, are none.
 */
export function findCards({ text, numberRuns }: LookedAt): readonly Span[] {
  return inRuns(numberRuns, (run) => (run.digits < SHORTEST ? NOTHING : cardsIn(run, text)));
}

function cardsIn(run: NumberRun, text: string): readonly Span[] {
  const groups = groupsOf(run);
  const found: Span[] = [];
  for (let first = 0; first < groups.length; first++) {
    const last = lastGroup(groups, first, text);
    if (last === null) continue;
    found.push({ start: groups[first]?.start ?? 0, end: groups[last]?.end ?? 0 });
    first = last;
  }
  return found;
}

/** The group that a card number which begins with group `first` ends with; null where none begins there. */
function lastGroup(groups: readonly Span[], first: number, text: string): number | null {
  const start = groups[first]?.start ?? 0;
  if (!FIRST_DIGIT.test(text.charAt(start))) return null;
  let length = 0;
  for (let last = first; last < groups.length; last++) {
    const { start: from, end } = groups[last] ?? { start: 0, end: 0 };
    length += end - from;
    if (length > LONGEST) return null;
    if (length < SHORTEST) continue;
    if (isCard(digitsOf(text.slice(start, end))) && !isHexadecimal(text, start, end)) return last;
  }
  return null;
}

function isCard(digits: string): boolean {
  return NETWORK.test(digits) && hasCheckDigit(digits);
}

function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function isHexadecimal(text: string, start: number, end: number): boolean {
  let from = start;
  while (start - from < LONGEST_WORD && from > 0 && WORD.test(text.charAt(from - 1))) from--;
  let to = end;
  while (to - end < LONGEST_WORD && WORD.test(text.charAt(to))) to++;
  return HEXADECIMAL.test(text.slice(from, to));
}
