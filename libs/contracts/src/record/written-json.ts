import { type Json, type JsonObject } from '../json.js';
import { MAX_KEYS } from './json-scanner.js';
import { decodeUtf8 } from './text.js';

/**
 * Reads JSON that is written exactly as `JSON.stringify` writes it, as our own doors do; undefined for any other, which
 * `parseJson` has to judge. What comes out unchanged has no key twice and no number that a double can't hold, and
 * where no `\u` is in it neither U+0000 nor half of a surrogate pair: a fraction of the work of reading it character
 * by character.
 */
export function parseWrittenJson(bytes: Uint8Array, maxDepth: number): Json | undefined {
  const text = decodeUtf8(bytes);
  if (text === null || text.includes('\\u')) return undefined;
  try {
    const value = JSON.parse(text) as Json;
    return JSON.stringify(value) === text && isBounded(value, maxDepth) ? value : undefined;
  } catch {
    // No JSON, or too deep to be written again.
    return undefined;
  }
}

function isBounded(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  if (Array.isArray(value)) return value.every((item: Json) => isBounded(item, levels - 1));
  const fields = value as JsonObject;
  let keys = 0;
  for (const key in fields) {
    if (++keys > MAX_KEYS || !isBounded(fields[key] ?? null, levels - 1)) return false;
  }
  return true;
}
