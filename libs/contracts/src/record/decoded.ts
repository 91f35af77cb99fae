import { type Problem, type ReasonCode } from '../reason-codes.js';

/**
 * What a decoder answers: the value with what there is to say of it, or at most `MAX_PROBLEMS` things wrong with it.
 * Decoders never throw, never coerce and never repair.
 */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Where in an input something is: keys and indices from the root. */
export type Place = Problem['place'];

/** Problems named of one record, at most; the rest of a hopeless record is of no use to its sender. */
export const MAX_PROBLEMS = 50;

/** Warnings given for one record, at most. */
export const MAX_WARNINGS = 50;

const SHOWN_KEY = 100;

/** True where the bytes are no JSON text at all (HTTP 400); every other problem is one of content (HTTP 422). */
export function isUnreadable(problems: readonly Problem[]): boolean {
  return problems.some(({ reason }) => reason === 'malformed_json' || reason === 'invalid_utf8');
}

/** The value was accepted; equal warnings are given once. */
export function accepted<T>(value: T, warnings: readonly string[] = []): Decoded<T> {
  return warnings.length === 0
    ? { ok: true, value, warnings }
    : { ok: true, value, warnings: [...new Set(warnings)].slice(0, MAX_WARNINGS) };
}

/** The value was refused. */
export function refused(problems: readonly Problem[]): {
  readonly ok: false;
  readonly problems: readonly Problem[];
} {
  return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) };
}

/** One thing wrong; `message` must not quote the sender's text. */
export function problem(reason: ReasonCode, place: Place, message: string): Problem {
  return { reason, place, message };
}

/** A key as places and warnings show it, so that they can be stored: a sender may choose one of megabytes. */
export function shownKey(key: string): string {
  const shown = key.length <= SHOWN_KEY ? key : `${key.slice(0, SHOWN_KEY)}…`;
  return shown.replace(/[\0\p{Cs}]/gu, '\ufffd');
}
