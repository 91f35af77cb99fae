import { type Span } from './detectors/detector.js';

/** A text as detectors see it; `origin` maps a span of it to the text that it was made from. */
export interface FoldedText {
  readonly text: string;
  readonly origin: (span: Span) => Span;
}

// Soft hyphen, zero-width and direction marks, word joiner, byte order mark.
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/;
const NOT_ASCII = /[\u0080-\uffff]/;

const asIs = (span: Span): Span => span;

/**
 * Folds what looks alike but is spelt otherwise (Unicode NFKC: full-width digits, …) and leaves out what can't be seen,
 * so that it hides nothing from a detector. The text itself is never changed by this.
 */
export function fold(text: string): FoldedText {
  if (!NOT_ASCII.test(text)) return { text, origin: asIs };
  if (!INVISIBLE.test(text) && text.normalize('NFKC') === text) return { text, origin: asIs };
  return foldEach(text);
}

function foldEach(text: string): FoldedText {
  const starts: number[] = [];
  const ends: number[] = [];
  let folded = '';
  let place = 0;
  for (const character of text) {
    const next = place + character.length;
    const seen = INVISIBLE.test(character) ? '' : character.normalize('NFKC');
    for (let unit = 0; unit < seen.length; unit++) {
      starts.push(place);
      ends.push(next);
    }
    folded += seen;
    place = next;
  }
  const origin = ({ start, end }: Span) => ({
    start: starts[start] ?? text.length,
    end: ends[end - 1] ?? text.length,
  });
  return { text: folded, origin };
}
