import { type DeliveredRecord } from '../bus.js';
import { headerValue, newHeaders } from '../headers.js';

const LENGTH_BYTES = 4;
const NO_VALUE = 0xffffffff;

/** Headers as one run of bytes: name and value in turn, each after its length; any bytes fit, as in Kafka. */
export function encodeHeaders(headers: Readonly<Record<string, string>>): Buffer {
  const texts = Object.entries(headers).flat();
  const size = texts.reduce((sum, text) => sum + LENGTH_BYTES + Buffer.byteLength(text), 0);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const text of texts) {
    const length = bytes.write(text, at + LENGTH_BYTES);
    bytes.writeUInt32BE(length, at);
    at += LENGTH_BYTES + length;
  }
  return bytes;
}

/** The reverse of `encodeHeaders`; a length of 2^32 - 1 stands for a header without a value. */
export function decodeHeaders(bytes: Buffer): DeliveredRecord['headers'] {
  const headers = newHeaders();
  for (let at = 0; at < bytes.length;) {
    const nameAt = at + LENGTH_BYTES;
    const valueAt = nameAt + bytes.readUInt32BE(at) + LENGTH_BYTES;
    const name = bytes.toString('utf8', nameAt, valueAt - LENGTH_BYTES);
    const length = bytes.readUInt32BE(valueAt - LENGTH_BYTES);
    at = length === NO_VALUE ? valueAt : valueAt + length;
    headers[name] = length === NO_VALUE ? undefined : headerValue(bytes, valueAt, at);
  }
  return headers;
}
