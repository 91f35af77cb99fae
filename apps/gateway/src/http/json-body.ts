import { type Json, parseJson } from '@parley/contracts';
import { unparsed } from '../uploads/upload-body.js';

/** The one JSON value that a request carries; throws the answer to a body that is none. */
export function jsonBody(body: unknown): Json {
  const parsed = parseJson(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
  if (!parsed.ok) throw unparsed(parsed.problems);
  return parsed.value;
}
