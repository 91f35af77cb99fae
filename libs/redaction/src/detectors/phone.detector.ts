import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js';
import { type Detector, NOTHING, type Span } from './detector.js';
import { digitsOf, groupsOf, inRuns, type NumberRun, numberRuns } from './number-runs.js';

const SHORTEST = 7;
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
  if (run.text.startsWith('+')) return international(run, text, region);
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

/**
 * It ends where another number begins, or else with the last group of its at most 15 digits: rather too much is masked
 * than a part of a number left.
 */
function international(
  run: NumberRun,
  text: string,
  region: CountryCode | undefined,
): readonly Span[] {
  const { start } = run;
  if (run.digits <= LONGEST) return [run];
  const ends = endsIn(run);
  for (const end of ends) {
    if (digitsOf(run.text.slice(0, end - start)).length < SHORTEST) continue;
    const [rest] = restOf(run, end);
    const others = rest ? phonesIn(rest, text, region) : NOTHING;
    if (rest && others[0]?.start === rest.start) return [{ start, end }, ...others];
  }
  const end = ends.at(-1) ?? run.end;
  return [{ start, end }, ...inRuns(restOf(run, end), (rest) => phonesIn(rest, text, region))];
}

/** Where a number of at most 15 digits may end; one group with more of them is taken as a whole. */
function endsIn(run: NumberRun): readonly number[] {
  const ends: number[] = [];
  let length = 0;
  for (const { start, end } of groupsOf(run)) {
    length += end - start;
    if (length > LONGEST && ends.length > 0) break;
    ends.push(end);
  }
  return ends;
}

function restOf(run: NumberRun, from: number): readonly NumberRun[] {
  return numberRuns(run.text.slice(from - run.start)).map((rest) => ({
    ...rest,
    start: from + rest.start,
    end: from + rest.end,
  }));
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
