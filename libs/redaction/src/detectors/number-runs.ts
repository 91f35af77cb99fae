import { NOTHING, type Span } from './detector.js';

/** Digits with at most three separators between any two: what a card or phone number can be. */
export interface NumberRun extends Span {
  readonly text: string;
  /** How many digits. */
  readonly digits: number;
}

// At least seven digits; digits and separators exclude each other, so that there is one way to read a text.
const RUN = /(?:\+ ?)?\(?\d(?:[ ().\-/\u2010-\u2015\u2212]{0,3}\d){6,}/g;
const DIGITS = /\d+/g;

/** Every run of at least seven digits. */
export function numberRuns(text: string): readonly NumberRun[] {
  if (text.search(RUN) === -1) return [];
  return Array.from(text.matchAll(RUN), ({ 0: run, index }) => ({
    text: run,
    start: index,
    end: index + run.length,
    digits: digitsOf(run).length,
  }));
}

/** The digits that stand together in a run, with their places in the whole text. */
export function groupsOf({ text, start }: NumberRun): readonly Span[] {
  return Array.from(text.matchAll(DIGITS), ({ 0: digits, index }) => ({
    start: start + index,
    end: start + index + digits.length,
  }));
}

/** The digits alone. */
export function digitsOf(text: string): string {
  return text.replace(/\D+/g, '');
}

/** What one run after the other is found to hold. */
export function inRuns(
  runs: readonly NumberRun[],
  find: (run: NumberRun) => readonly Span[],
): readonly Span[] {
  return runs.length === 0 ? NOTHING : runs.flatMap(find);
}
