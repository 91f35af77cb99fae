/**
 * When a header or message revision counts as later: versions compare as strings, code unit by code unit.
 * The first 18 characters are microseconds since 1970, zero-padded; for s3 the bucket, key and place in the file
 * follow, each after U+0001, so that two records of one instant still have one order (D6).
 */
export type Version = string;

const DIGITS = 18;
const SEPARATOR = '\u0001';
const S3_FORM = new RegExp(
  [`^\\d{${DIGITS}}`, `[^${SEPARATOR}]+`, '[^]+', '\\d{10,}$'].join(SEPARATOR),
);

/** The version of a record of any door but s3: the moment of its first arrival, in microseconds since 1970. */
export function clockVersion(micros: number): Version {
  return String(micros).padStart(DIGITS, '0');
}

/** The microseconds since 1970 of a version. */
export function versionMicros(version: Version): number {
  return Number(version.slice(0, DIGITS));
}

/** The version of a record of an S3 object: `lastModified` in microseconds since 1970, `place` counts from 0. */
export function s3Version(
  lastModified: number,
  bucket: string,
  key: string,
  place: number,
): Version {
  return [clockVersion(lastModified), bucket, key, String(place).padStart(10, '0')].join(SEPARATOR);
}

/** Whether a text is a version as `s3Version` makes it. */
export function isS3Version(text: string): boolean {
  return S3_FORM.test(text);
}
