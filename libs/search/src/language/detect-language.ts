import { configurationOf, SIMPLE } from './configurations.js';

// What a short text can be told by. More costs time and changes little.
const LOOKED_AT = 300;

// Addresses are in no language.
const ADDRESSES = /\S*(?:\/\/|@)\S*/g;

// Scripts that are written without spaces between words, or in which words take others on as prefixes.
const UNSEGMENTED =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Bopomofo}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}\p{sc=Hebrew}]/u;

/** Tells the configuration for a text by its content; null where that is not clear, as in a text of two words. */
export type DetectConfiguration = (text: string) => string | null;

/** Whether a part of the text is in a script whose words can't be told apart: it is found by its letters. */
export function isUnsegmented(text: string): boolean {
  return UNSEGMENTED.test(text);
}

/** Loads what it takes to tell languages apart: some 40 MB, so only where texts are indexed. */
export async function loadDetection(): Promise<DetectConfiguration> {
  const { eld } = await import('eld/extrasmall');
  return (text) => {
    if (isUnsegmented(text)) return SIMPLE;
    const found = eld.detect(text.slice(0, LOOKED_AT).replace(ADDRESSES, ' '));
    return found.isReliable() ? configurationOf(found.language) : null;
  };
}
