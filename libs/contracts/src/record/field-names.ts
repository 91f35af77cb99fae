import { type Json, type JsonObject } from '../json.js';
import { problem } from './decoded.js';
import { type Problem } from '../reason-codes.js';

/** The documented name, and the names taken instead of it (D13). */
export type Aliases = readonly (readonly [name: string, ...others: string[]])[];

/** Other names for the conversation's id. */
export const CONVERSATION_ALIASES = ['conversation_id', 'conversationId'] as const;

/** A value under the documented names, and which names were sent instead of them. */
export interface Renamed {
  readonly value: Json;
  readonly sentAs: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

/** True for an object; null and arrays are none. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Puts fields under their documented names. Where one thing is sent under several names, those that are null don't
 * count, and the others must agree (`duplicate_key`).
 */
export function rename(value: Json, aliases: Aliases): Renamed {
  const sentAs = new Map<string, string>();
  const problems: Problem[] = [];
  if (!isObject(value)) return { value, sentAs, problems };
  const left = new Set<string>();
  for (const [name, ...others] of aliases) {
    if (!others.some((other) => Object.hasOwn(value, other))) continue;
    const sent: readonly string[] = [name, ...others].filter((candidate) =>
      Object.hasOwn(value, candidate),
    );
    const used = sent.find((candidate) => value[candidate] !== null) ?? sent[0] ?? name;
    sentAs.set(name, used);
    for (const other of sent.filter((candidate) => candidate !== used)) {
      left.add(other);
      if (value[other] === null || value[other] === value[used]) continue;
      problems.push(problem('duplicate_key', [other], `says something else than ${used}`));
    }
  }
  return { value: sentAs.size === 0 ? value : renamed(value, sentAs, left), sentAs, problems };
}

function renamed(
  value: JsonObject,
  sentAs: ReadonlyMap<string, string>,
  left: ReadonlySet<string>,
): JsonObject {
  const documented = new Map([...sentAs].map(([name, used]) => [used, name]));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !left.has(key))
      .map(([key, field]) => [documented.get(key) ?? key, field]),
  );
}
