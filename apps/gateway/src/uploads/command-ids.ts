import { createHash } from 'node:crypto';
import { MAX_BATCH_ITEMS } from '@parley/contracts';
import { v5 } from 'uuid';
import { type UploadRequest } from './upload-request.js';

const NAMESPACE = '3c1a4f0e-6d5b-4c39-9a52-8f3f0d1b7e26';
/** A batch has at most 500 items. */
const PLACE_DIGITS = 3;
const LAST_PLACE = 0xfff;

/** The id that a sender chose for a request by its `Idempotency-Key`. */
export function keyedRequestId(
  { caller, path }: Pick<UploadRequest, 'caller' | 'path'>,
  key: string,
): string {
  return v5(JSON.stringify([caller.tenantId, path, key]), NAMESPACE);
}

/** The id of a request's command: a single one has place 0, as the first of a batch has. */
export function commandIdAt(requestId: string, place: number): string {
  return requestId.slice(0, -PLACE_DIGITS) + place.toString(16).padStart(PLACE_DIGITS, '0');
}

/** The first and the last id that a command of a request can have: one look finds all there are. */
export function commandIdRange(requestId: string): readonly [string, string] {
  return [commandIdAt(requestId, 0), commandIdAt(requestId, LAST_PLACE)];
}

/** Every id that a command of a request can have, in the order of their places. */
export function commandIdsOf(requestId: string): readonly string[] {
  return Array.from({ length: MAX_BATCH_ITEMS }, (_, place) => commandIdAt(requestId, place));
}

/** Tells a request from another under the same key. */
export function requestHash({ method, path, query, body }: UploadRequest): string {
  const target = JSON.stringify([method, path + query]);
  return createHash('sha256').update(target).update(body).digest('hex');
}
