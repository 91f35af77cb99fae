import { createHmac, type KeyObject, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_CHARACTERS = 32;
const CHECKSUM_CHARACTERS = 6;
const FORM = /^avk_[0-9A-Za-z]{38}$/;

/** `avk_`, 32 random characters of base62, and their CRC-32 in base62: whoever scans for leaked keys needs no database. */
export function createApiKey(): string {
  const random = Array.from({ length: RANDOM_CHARACTERS }, () => ALPHABET[randomInt(62)]).join('');
  return `avk_${random}${checksum(random)}`;
}

/** Whether `text` has the form and the checksum of an API key. */
export function isApiKey(text: string): boolean {
  if (!FORM.test(text)) return false;
  const end = text.length - CHECKSUM_CHARACTERS;
  return checksum(text.slice('avk_'.length, end)) === text.slice(end);
}

/** What is kept of a key. Keys are long and random, so a keyed digest is enough and no slow hash is needed. */
export function digestOf(secret: KeyObject, key: string): Buffer {
  return createHmac('sha256', secret).update(`credential:${key}`).digest();
}

function checksum(random: string): string {
  let rest = crc32(random);
  let text = '';
  while (text.length < CHECKSUM_CHARACTERS) {
    text = `${ALPHABET[rest % 62]}${text}`;
    rest = Math.floor(rest / 62);
  }
  return text;
}
