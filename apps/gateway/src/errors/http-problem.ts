import { type Problem, type ReasonCode } from '@parley/contracts';

/** Why a request was refused before, or apart from, the record that it carries. */
export type RequestCode =
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'bad_header'
  | 'bad_cursor'
  | 'bad_query'
  | 'unknown_parameter'
  | 'rate_limited'
  | 'not_decided_yet'
  | 'not_yet_readable'
  | 'log_epoch_changed'
  | 'not_redrivable'
  | 'unavailable';

/** What the `code` of an error body can be. */
export type ErrorCode = ReasonCode | RequestCode;

/** One entry of a 422's `detail`, in FastAPI's form (D56). */
export interface Detail {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: ErrorCode;
}

/** The body of an error answer (D56). */
export type ErrorBody =
  { readonly detail: string; readonly code: ErrorCode } | { readonly detail: readonly Detail[] };

/** An answer that is an error; services throw it, the one filter writes it. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';

  constructor(
    readonly status: number,
    readonly body: ErrorBody,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`HTTP ${String(status)}`);
  }
}

/** An error of the common form: words for people, a code for programs. */
export function problem(
  status: number,
  code: ErrorCode,
  detail: string,
  headers?: Readonly<Record<string, string>>,
): HttpProblem {
  return new HttpProblem(status, { detail, code }, headers);
}

/** A 422 that names each thing wrong and its place. */
export function invalid(...detail: readonly Detail[]): HttpProblem {
  return new HttpProblem(422, { detail });
}

/** Problems of a record as the details of a 422; `root` is where the record lies in the request. */
export function details(
  problems: readonly Problem[],
  root: readonly (string | number)[] = ['body'],
): readonly Detail[] {
  return problems.map(({ reason, place, message }) => ({
    loc: [...root, ...place],
    msg: message,
    type: reason,
  }));
}

/** Something we stand on is away for now; asking again later is harmless. */
export function unavailable(code: 'unavailable' | 'not_decided_yet', detail: string): HttpProblem {
  return problem(503, code, detail, { 'Retry-After': '5' });
}

/** The same answer with more headers. */
export function withHeaders(
  { status, body, headers }: HttpProblem,
  more: Readonly<Record<string, string>>,
): HttpProblem {
  return new HttpProblem(status, body, { ...headers, ...more });
}
