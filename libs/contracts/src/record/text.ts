// In Unicode mode only a surrogate without its other half is a code point of this category.
const LONE_SURROGATE = /\p{Cs}/u;

/** Why PostgreSQL could not keep a text as sent, so that it is refused (D48); null where it can. */
export function textProblem(text: string): 'nul_character' | 'lone_surrogate' | null {
  if (text.includes('\0')) return 'nul_character';
  return LONE_SURROGATE.test(text) ? 'lone_surrogate' : null;
}

/** Words for `textProblem`. */
export const TEXT_MESSAGES = {
  nul_character: 'holds the character U+0000',
  lone_surrogate: 'holds half of a surrogate pair',
} as const;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of the bytes, or null where they are not UTF-8; a text as it is. */
export function decodeUtf8(bytes: Uint8Array | string): string | null {
  if (typeof bytes === 'string') return bytes;
  try {
    return UTF8.decode(bytes);
  } catch {
    return null;
  }
}
