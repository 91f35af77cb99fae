import { accepted, type Decoded, problem, refused } from './decoded.js';
import { decodeUtf8 } from './text.js';

/** Headers as a bus delivers them: anyone may have written them. */
export type SentHeaders = Readonly<Record<string, Uint8Array | string | undefined>>;

/** The headers of these names as texts, those that are there; refuses what is not UTF-8. */
export function headerTexts(
  sent: SentHeaders,
  names: readonly string[],
): Decoded<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const name of names) {
    const said = sent[name];
    const text = said === undefined ? undefined : decodeUtf8(said);
    if (text === null) return refused([problem('invalid_utf8', ['headers', name], 'is not UTF-8')]);
    if (text !== undefined) texts[name] = text;
  }
  return accepted(texts);
}
