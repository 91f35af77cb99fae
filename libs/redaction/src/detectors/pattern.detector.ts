import { RE2JS } from 're2js';
import { type Detector, NOTHING, type Span } from './detector.js';

/** Matches of one pattern that are told apart in one text; one with more is taken as a whole. */
const MAX_MATCHES = 100;

/**
 * What a pattern in the syntax of RE2 matches. It has neither look-around nor back references, and no text can make it
 * slow: one match takes time in proportion to the text, and the matches are bounded. Throws where it can't be compiled.
 */
export function patternDetector(pattern: string): Detector {
  const compiled = RE2JS.compile(pattern);
  return ({ text }) => {
    if (!compiled.test(text)) return NOTHING;
    const matcher = compiled.matcher(text);
    const found: Span[] = [];
    for (let tries = 0; matcher.find(); tries++) {
      if (tries === MAX_MATCHES) return [{ start: 0, end: text.length }];
      if (matcher.end() > matcher.start())
        found.push({ start: matcher.start(), end: matcher.end() });
    }
    return found;
  };
}

/** Why a pattern can't be a rule; null where it can. */
export function patternProblem(pattern: string): string | null {
  try {
    return RE2JS.compile(pattern).test('') ? 'matches where there is nothing' : null;
  } catch {
    return 'is no regular expression in the syntax of RE2';
  }
}
