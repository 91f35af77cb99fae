import { type Principal } from '@parley/tenancy';
import { type FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import { invalid } from '../errors/http-problem.js';

/** A request that carries records: what the upload needs of it, and nothing of HTTP besides. */
export interface UploadRequest {
  readonly caller: Principal;
  readonly method: string;
  /** The concrete path, without the query. */
  readonly path: string;
  /** From its question mark on; empty where there is none. */
  readonly query: string;
  readonly body: Buffer;
  readonly idempotencyKey: string | null;
  /** `Prefer: respond-async` (RFC 7240): the caller does not want to wait for the receipt. */
  readonly isAsync: boolean;
  /** The caller's trace (W3C Trace Context), handed on with the command. */
  readonly traceparent: string | null;
}

const EMPTY = Buffer.alloc(0);
const KEY_FORM = /^[\x21-\x7e]{1,255}$/;
const TRACE = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const RESPOND_ASYNC = /(?:^|,)\s*respond-async\s*(?:,|;|$)/i;

/** Reads an upload off its request; refuses an `Idempotency-Key` that is none (D54). */
export function uploadRequestOf(request: FastifyRequest): UploadRequest {
  const { prefer, traceparent } = request.headers;
  return {
    caller: callerOf(request),
    method: request.method,
    ...partsOf(request.url),
    body: Buffer.isBuffer(request.body) ? request.body : EMPTY,
    idempotencyKey: idempotencyKeyOf(request),
    isAsync: prefer !== undefined && RESPOND_ASYNC.test(String(prefer)),
    traceparent: typeof traceparent === 'string' && TRACE.test(traceparent) ? traceparent : null,
  };
}

function partsOf(url: string): Pick<UploadRequest, 'path' | 'query'> {
  const mark = url.indexOf('?');
  return mark === -1
    ? { path: url, query: '' }
    : { path: url.slice(0, mark), query: url.slice(mark) };
}

function idempotencyKeyOf({ headers }: FastifyRequest): string | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && KEY_FORM.test(key)) return key;
  throw invalid({
    loc: ['header', 'Idempotency-Key'],
    msg: 'one key of 1 to 255 visible ASCII characters',
    type: 'bad_header',
  });
}
