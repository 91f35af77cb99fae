import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js';
import { type Detector, NOTHING, type Span } from './detector.js';
import { digitsOf, groupsOf, inRuns, type NumberRun } from './number-runs.js';

const LONGEST = 15;
const ABROAD = '00';
const SEPARATED = /(?<!\d)\(?\d{3}[) ./-]{1,2} ?\d{3}[ .-]\d{4}(?!\d)/g;
const SEPARATED_DIGITS = 10;
const DATE = /^\d{4}[-./]\d{1,2}[-./]\d{1,2}|^\d{1,2}[-./]\d{1,2}[-./]\d{4}/;
const LETTER = /[\p{L}_]/u;

/**
 * Phone numbers: those that begin with `+` (E.164, whether or not they are in use), with `00` where that makes one, and
 * ones spelt as in North America (`(415) 555-2671`). With a region (ISO 3166-1) also every number that is valid when
 * dialled from there.
 */
export function phoneDetector(region?: CountryCode): Detector {
  return ({ text, numberRuns }) => inRuns(numberRuns, (run) => phonesIn(run, text, region));
}

function phonesIn(run: NumberRun, text: string, region: CountryCode | undefined): readonly Span[] {
  if (run.text.startsWith('+')) return [international(run)];
  const separated = run.digits < SEPARATED_DIGITS ? NOTHING : separatedIn(run);
  if (separated.length > 0) return separated;
  return isDialled(run, text, region) ? [run] : NOTHING;
}

function separatedIn(run: NumberRun): readonly Span[] {
  return Array.from(run.text.matchAll(SEPARATED), ({ 0: found, index }) => ({
    start: run.start + index,
    end: run.start + index + found.length,
  }));
}

/** No number has more than 15 digits: what follows these is something else. */
function international(run: NumberRun): Span {
  let { end } = run;
  let length = 0;
  for (const group of groupsOf(run)) {
    length += group.end - group.start;
    if (length > LONGEST && length > group.end - group.start) break;
    ({ end } = group);
  }
  return { start: run.start, end };
}

function isDialled(run: NumberRun, text: string, region: CountryCode | undefined): boolean {
  const isAbroad = run.text.startsWith(ABROAD);
  if ((!isAbroad && region === undefined) || run.digits > LONGEST + ABROAD.length) return false;
  if (LETTER.test(text.charAt(run.start - 1)) || LETTER.test(text.charAt(run.end))) return false;
  if (DATE.test(run.text)) return false;
  const digits = digitsOf(run.text);
  return isAbroad ? isValid(`+${digits.slice(ABROAD.length)}`) : isValid(digits, region);
}

function isValid(number: string, region?: CountryCode): boolean {
  return parsePhoneNumberFromString(number, region)?.isValid() ?? false;
}
