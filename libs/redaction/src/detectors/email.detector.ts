import { type LookedAt, NOTHING, type Span } from './detector.js';

const SIGN = /@|%40/g;
// Less than the standard allows: what stands between the parts of a URL is left alone.
const LOCAL = /[\p{L}\p{N}\p{M}!#$'*+^_`{|}~.-]/u;
const DOMAIN = /[\p{L}\p{N}\p{M}][\p{L}\p{N}\p{M}-]{0,62}(?:\.[\p{L}\p{N}\p{M}-]{1,63}){1,10}/uy;
const TOP_LEVEL = /\.(?:\p{L}|xn--)[\p{L}\p{N}\p{M}-]+$/u;
const LONGEST_QUOTE = 64;

/**
 * E-mail addresses, of any script, with a name in quotes, and as URLs spell them (`%40`). One without a dot in its
 * domain is none. Goes from each sign both ways, so that a long text without one costs a look and no more.
 */
export function findEmails({ text }: LookedAt): readonly Span[] {
  if (!text.includes('@') && !text.includes('%40')) return NOTHING;
  const found: Span[] = [];
  let from = 0;
  for (const { 0: sign, index } of text.matchAll(SIGN)) {
    const start = localStart(text, index, from);
    from = index + sign.length;
    const end = start < index ? domainEnd(text, from) : null;
    if (end !== null) found.push({ start, end });
  }
  return found;
}

function domainEnd(text: string, from: number): number | null {
  DOMAIN.lastIndex = from;
  const domain = DOMAIN.exec(text)?.[0].replace(/[-.]+$/, '');
  return domain !== undefined && TOP_LEVEL.test(domain) ? from + domain.length : null;
}

function localStart(text: string, sign: number, from: number): number {
  if (text[sign - 1] === '"') {
    const quote = text.lastIndexOf('"', sign - 2);
    if (quote >= Math.max(from, sign - LONGEST_QUOTE)) return quote;
  }
  let start = sign;
  while (start > from && LOCAL.test(characterBefore(text, start))) {
    start -= characterBefore(text, start).length;
  }
  return start;
}

function characterBefore(text: string, at: number): string {
  const unit = text.charCodeAt(at - 1);
  const isHalf = unit >= 0xdc00 && unit <= 0xdfff;
  return text.slice(at - (isHalf ? 2 : 1), at);
}
