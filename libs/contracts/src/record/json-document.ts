import { type Json } from '../json.js';
import { accepted, type Decoded, isUnreadable, problem, refused } from './decoded.js';
import { JsonScanner, type Scan } from './json-scanner.js';
import { decodeUtf8 } from './text.js';

/** Levels of arrays and objects in one record, at most. */
export const MAX_DEPTH = 64;

/** Records in one batch, at most (D42). */
export const MAX_BATCH_ITEMS = 500;

const LIST = /^[\t\n\r ]*\[/;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

interface Text {
  readonly text: string;
  readonly bytesBefore: number;
  readonly warnings: readonly string[];
}

/**
 * Reads one JSON text, total: it never throws and never changes a value. Refuses bytes that are no UTF-8 or no JSON,
 * more than 64 levels, objects of more than 1,000 keys, duplicate keys, U+0000, lone surrogates, and numbers that a
 * double can't hold (see `survivesDouble`); -0 is the number 0. A leading byte order mark is stripped and warned of.
 * `__proto__` is a key like any other; copy objects by spreading, never by assigning keys.
 */
export function parseJson(bytes: Uint8Array, maxDepth = MAX_DEPTH): Decoded<Json> {
  const decoded = decodeText(bytes);
  return decoded.ok ? parseText(decoded.value, maxDepth) : decoded;
}

/**
 * Reads the body of a call that takes one record or a batch (D42): an array is read item by item, so that one bad
 * item never spoils the others, each with places from its own root. Anything else is read as `parseJson` does.
 */
export function parseJsonBatch(bytes: Uint8Array): Decoded<Json> | readonly Decoded<Json>[] {
  const decoded = decodeText(bytes);
  if (!decoded.ok) return decoded;
  const { text, warnings } = decoded.value;
  if (!LIST.test(text)) return parseText(decoded.value, MAX_DEPTH);
  const scan = new JsonScanner(text, MAX_DEPTH + 1).scan();
  const whole = build(decoded.value, scan);
  if (!whole.ok && isUnreadable(whole.problems)) return whole;
  if (scan.items.length > MAX_BATCH_ITEMS) {
    return refused([problem('too_many_items', [], `has more than ${MAX_BATCH_ITEMS} items`)]);
  }
  if (whole.ok) return (whole.value as readonly Json[]).map((item) => accepted(item, warnings));
  return scan.items.map(([start, end]) =>
    parseText({ ...decoded.value, text: text.slice(start, end) }, MAX_DEPTH),
  );
}

function decodeText(bytes: Uint8Array): Decoded<Text> {
  const hasMark = BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte);
  const bytesBefore = hasMark ? BYTE_ORDER_MARK.length : 0;
  const text = decodeUtf8(hasMark ? bytes.subarray(bytesBefore) : bytes);
  if (text === null) return refused([problem('invalid_utf8', [], 'is not UTF-8')]);
  return accepted({ text, bytesBefore, warnings: hasMark ? ['byte_order_mark'] : [] });
}

function parseText(source: Text, maxDepth: number): Decoded<Json> {
  return build(source, new JsonScanner(source.text, maxDepth).scan());
}

function build(source: Text, scan: Scan): Decoded<Json> {
  if (scan.brokenAt !== null) return malformed(source, scan.brokenAt);
  if (scan.problems.length === 0) {
    try {
      return accepted(JSON.parse(source.text) as Json, source.warnings);
    } catch {
      // A string that is none, which the thorough scan finds.
    }
  }
  const { brokenAt } = new JsonScanner(source.text, 0, true).scan();
  return brokenAt === null && scan.problems.length > 0
    ? refused(scan.problems)
    : malformed(source, brokenAt ?? 0);
}

function malformed({ text, bytesBefore }: Text, brokenAt: number): Decoded<never> {
  const byte = bytesBefore + Buffer.byteLength(text.slice(0, brokenAt));
  return refused([problem('malformed_json', [], `is not JSON from byte ${byte} on`)]);
}
