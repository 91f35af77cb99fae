import { type NumberRun, numberRuns } from './number-runs.js';

/** A stretch of a text: `start` is in it, `end` is behind it; in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Finds what a rule is about, in time that grows with the text and no faster. */
export type Detector = (text: LookedAt) => readonly Span[];

/** What a detector finds nothing of. */
export const NOTHING: readonly Span[] = [];

/** A text under several detectors: what more than one of them needs is looked for once. */
export class LookedAt {
  private found: readonly NumberRun[] | null = null;

  constructor(readonly text: string) {}

  get numberRuns(): readonly NumberRun[] {
    return (this.found ??= numberRuns(this.text));
  }
}
