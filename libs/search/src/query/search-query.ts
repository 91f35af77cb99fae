import { foldText } from '../folded-text.js';
import { isUnsegmented } from '../language/detect-language.js';

/** Words and phrases of which each, or of which none, is to be in a text. */
export interface Alternative {
  readonly all: readonly string[];
  readonly none: readonly string[];
}

/** What is looked for: a text that fits one of the alternatives. */
export interface SearchQuery {
  /** As PostgreSQL's `websearch_to_tsquery` takes it. */
  readonly text: string;
  readonly alternatives: readonly Alternative[];
}

// A minus right before a word or a phrase in quotes; a quote that is not closed ends with the text.
const TERM = /(-?)(?:"([^"]*)"?|([^\s"]+))/g;
const MARKS_AROUND = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;
const OR = 'or';
const SHORTEST = 3;

/**
 * Reads what somebody has typed: words, `"phrases"`, `-without`, `or`. Null where an alternative names nothing that a
 * text should hold.
 */
export function parseSearch(typed: string): SearchQuery | null {
  const text = foldText(typed);
  const alternatives = [emptyAlternative()];
  for (const [written, minus, phrase, word] of text.matchAll(TERM)) {
    if (written === OR) alternatives.push(emptyAlternative());
    const term = written === OR ? '' : (phrase ?? word ?? '').replace(MARKS_AROUND, '');
    if (term !== '') alternatives.at(-1)?.[minus ? 'none' : 'all'].push(term);
  }
  return alternatives.every(({ all }) => all.length > 0) ? { text, alternatives } : null;
}

function emptyAlternative(): { readonly all: string[]; readonly none: string[] } {
  return { all: [], none: [] };
}

/**
 * The alternatives that can be looked for as parts of words. Short ones are in nearly every text, but where a letter is
 * a word.
 */
export function byLetters({ alternatives }: SearchQuery): readonly Alternative[] {
  return alternatives.filter(({ all }) =>
    all.some((term) => term.length >= SHORTEST || isUnsegmented(term)),
  );
}
