import { type DeliveredRecord } from '../bus.js';

const LENGTH_BYTES = 4;
const NO_VALUE = 0xffffffff;

/** Headers as one run of bytes: name and value in turn, each after its length; any bytes fit, as in Kafka. */
export function encodeHeaders(headers: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(headers)) {
    for (const text of [name, value]) {
      const bytes = Buffer.from(text);
      const length = Buffer.allocUnsafe(LENGTH_BYTES);
      length.writeUInt32BE(bytes.length);
      parts.push(length, bytes);
    }
  }
  return Buffer.concat(parts);
}

/** The reverse of `encodeHeaders`; a length of 2^32 - 1 stands for a header without a value. */
export function decodeHeaders(bytes: Buffer): DeliveredRecord['headers'] {
  const headers: [string, Buffer | undefined][] = [];
  let at = 0;
  const next = () => {
    const length = bytes.readUInt32BE(at);
    at += LENGTH_BYTES;
    if (length === NO_VALUE) return undefined;
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) headers.push([String(next()), next()]);
  return Object.fromEntries(headers);
}
