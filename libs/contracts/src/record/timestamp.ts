/** A moment: microseconds since 1970, and the 0–999 nanoseconds that the sender gave below them. */
export interface Instant {
  readonly micros: bigint;
  readonly nanos: number;
}

const LATEST_SECOND = 253_402_300_799;
const ZERO = 0x30;
const MAX_FRACTION = 9;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads an RFC 3339 date and time with a zone (D46, D58): 0–9 fraction digits, `t` and `z` in either case, days that
 * exist, no leap second, an offset of at most 23:59, and a UTC year from 1970 to 9999. Null for anything else.
 *
 * @example parseTimestamp('2024-01-15T10:30:00.0000015Z') // { micros: 1705314600000001n, nanos: 500 }
 */
export function parseTimestamp(text: string): Instant | null {
  const local = localSeconds(text);
  if (local === null) return null;
  const zone = zoneStart(text);
  const offset = offsetSeconds(text, zone);
  if (zone === -1 || offset === null) return null;
  const seconds = local - offset;
  if (seconds < 0 || seconds > LATEST_SECOND) return null;
  const nanos = fractionNanos(text, zone);
  const micros = (nanos - (nanos % 1000)) / 1000;
  return { micros: microsOf(seconds, micros), nanos: nanos % 1000 };
}

/** Up to the year 2255 a number is exact, and much cheaper. */
function microsOf(seconds: number, micros: number): bigint {
  const near = seconds * 1_000_000 + micros;
  return Number.isSafeInteger(near) ? BigInt(near) : BigInt(seconds) * 1_000_000n + BigInt(micros);
}

function localSeconds(text: string): number | null {
  if (!hasSeparators(text)) return null;
  const year = two(text, 0) * 100 + two(text, 2);
  const month = two(text, 5);
  const day = two(text, 8);
  const time = clockSeconds(two(text, 11), two(text, 14), two(text, 17));
  if (Number.isNaN(year) || Number.isNaN(time) || !isDay(year, month, day)) return null;
  return Date.UTC(year, month - 1, day) / 1000 + time;
}

function hasSeparators(text: string): boolean {
  return (
    text[4] === '-' &&
    text[7] === '-' &&
    (text[10] === 'T' || text[10] === 't') &&
    text[13] === ':' &&
    text[16] === ':'
  );
}

function clockSeconds(hour: number, minute: number, second: number): number {
  return hour <= 23 && minute <= 59 && second <= 59 ? hour * 3600 + minute * 60 + second : NaN;
}

function isDay(year: number, month: number, day: number): boolean {
  // Below 1969 no offset reaches 1970; and Date.UTC would read the years 0–99 as 1900–1999.
  if (year < 1969 || !(month >= 1 && month <= 12 && day >= 1)) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0));
}

/** Where the zone begins, or -1: right after the seconds, or after a point and 1–9 digits. */
function zoneStart(text: string): number {
  if (text[19] !== '.') return 19;
  let at = 20;
  while (at <= 20 + MAX_FRACTION && isDigit(text.charCodeAt(at))) at++;
  return at === 20 || at > 20 + MAX_FRACTION ? -1 : at;
}

function offsetSeconds(text: string, zone: number): number | null {
  const sign = text[zone];
  if (sign === 'Z' || sign === 'z') return text.length === zone + 1 ? 0 : null;
  if (sign !== '+' && sign !== '-') return null;
  if (text.length !== zone + 6 || text[zone + 3] !== ':') return null;
  const seconds = clockSeconds(two(text, zone + 1), two(text, zone + 4), 0);
  if (Number.isNaN(seconds)) return null;
  return sign === '+' ? seconds : -seconds;
}

function fractionNanos(text: string, zone: number): number {
  if (zone === 19) return 0;
  let nanos = 0;
  for (let at = 20; at < zone; at++) nanos = nanos * 10 + text.charCodeAt(at) - ZERO;
  return nanos * 10 ** (MAX_FRACTION - (zone - 20));
}

/** The number of two digits, or NaN. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at);
  const ones = text.charCodeAt(at + 1);
  return isDigit(tens) && isDigit(ones) ? (tens - ZERO) * 10 + ones - ZERO : NaN;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= ZERO + 9;
}

/** A moment with microseconds, RFC 3339 in UTC: exact, and as PostgreSQL reads it. `micros` since 1970. */
export function formatTimestamp(micros: bigint): string {
  const second = new Date(Number(micros / 1_000_000n) * 1000).toISOString().slice(0, 19);
  return `${second}.${String(micros % 1_000_000n).padStart(6, '0')}Z`;
}
