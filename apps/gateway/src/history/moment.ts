import { parseTimestamp } from '@parley/contracts';

/** A moment of a log: a position, or microseconds since 1970. */
export type Moment = { readonly position: number } | { readonly micros: bigint };

/** Reads a position, or a time of RFC 3339 with a zone; null where the text is neither. */
export function momentOf(text: string): Moment | null {
  if (/^\d{1,15}$/.test(text)) return { position: Number(text) };
  const micros = parseTimestamp(text)?.micros;
  return micros === undefined ? null : { micros };
}
