type Headers = Record<string, string | Buffer | undefined>;

// `Object.create(null)` itself would be a hash table, of which every record has one.
const Bare = function () {} as unknown as new () => Headers;
Bare.prototype = Object.create(null) as object;

/** Headers to be filled in; `__proto__` is a name like any other. */
export function newHeaders(): Headers {
  return new Bare();
}

// What a decoder puts in the place of bytes that are no text.
const REPLACEMENT = '\ufffd';

/** A header's value from `start` to `end`: a text, which takes a third of what bytes and then a text do, or its bytes. */
export function headerValue(bytes: Buffer, start = 0, end = bytes.length): string | Buffer {
  const text = bytes.toString('utf8', start, end);
  return text.includes(REPLACEMENT) ? bytes.subarray(start, end) : text;
}

/** Headers as they are kept: each value in base64, as it can be any bytes. */
export function encodedHeaders(
  headers: Readonly<Record<string, string | Buffer | undefined>>,
): Record<string, string> {
  const encoded = Object.entries(headers).flatMap(([name, said]) =>
    said === undefined ? [] : [[name, Buffer.from(said).toString('base64')] as const],
  );
  return Object.fromEntries(encoded);
}
