import canonicalize from 'canonicalize';
import { type Json, type JsonObject } from '../json.js';

const FEW = 16;

/**
 * The canonical form of RFC 8785: what `JSON.stringify` writes of the same fields in order, which takes half as long as
 * writing it piece by piece. What has no such copy is left to the library, and so is to throw for half of a surrogate
 * pair.
 */
export function canonicalText(value: JsonObject): string {
  const ordered = inOrder(value);
  const text = ordered === null ? null : JSON.stringify(ordered);
  return text === null || text.includes('\\ud') ? (canonicalize(value) ?? '') : text;
}

/** A copy with its keys in order; null where no object keeps them so: whatever may be an index comes first in one. */
function inOrder(value: JsonObject): JsonObject | null {
  const copy: Record<string, Json> = {};
  for (const key of sorted(Object.keys(value))) {
    const field = value[key];
    if (isIndexLike(key) || key === '__proto__') return null;
    const ordered = typeof field === 'object' && field !== null ? withinOrder(field) : field;
    if (ordered === null && field !== null) return null;
    if (ordered !== undefined) copy[key] = ordered;
  }
  return copy;
}

function withinOrder(value: JsonObject | readonly Json[]): JsonObject | readonly Json[] | null {
  if (!isList(value)) return inOrder(value);
  const items: Json[] = [];
  for (const item of value) {
    const ordered = typeof item === 'object' && item !== null ? withinOrder(item) : item;
    if (ordered === null && item !== null) return null;
    items.push(ordered);
  }
  return items;
}

function isList(value: JsonObject | readonly Json[]): value is readonly Json[] {
  return Array.isArray(value);
}

function isIndexLike(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 0x30 && first <= 0x39;
}

/** Sorts in place, by code units. A few keys are in order sooner than `sort` has set up its own memory. */
function sorted(keys: string[]): string[] {
  if (keys.length > FEW) return keys.sort();
  for (let end = 1; end < keys.length; end++) {
    const key = keys[end]!;
    let at = end;
    for (; at > 0 && keys[at - 1]! > key; at--) keys[at] = keys[at - 1]!;
    keys[at] = key;
  }
  return keys;
}
