import { Readable } from 'node:stream';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { type Logger } from '@parley/platform';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type ErrorCode, HttpProblem, problem, unavailable } from './http-problem.js';
import { isOutage, problemOfCode } from './known-errors.js';

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'too_large',
  415: 'unsupported_type',
  429: 'rate_limited',
};

const WORDS: Readonly<Record<number, string>> = {
  404: 'there is nothing at this address',
  413: 'the request body is larger than this address takes',
  415: 'send the type that this address takes, most take application/json, in UTF-8 and not compressed',
};

/** Writes every error answer of the gateway; nothing internal ever leaves by it. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    // What still comes of a body that is read as it comes is read by nobody any more.
    const { body: sent, raw } = http.getRequest<FastifyRequest>();
    if (sent instanceof Readable && !raw.complete) reply.header('Connection', 'close');
    // Readiness alone answers so, and says in a body of its own which checks fail.
    if (error instanceof HttpException && error.getStatus() === 503) {
      void reply.status(503).send(error.getResponse());
      return;
    }
    const { status, headers, body } = this.problemOf(error);
    void reply.status(status).headers(headers).send(body);
  }

  private problemOf(error: unknown): HttpProblem {
    if (error instanceof HttpProblem) return error;
    const known = problemOfCode(error) ?? httpProblem(error);
    if (known) return known;
    if (isOutage(error)) {
      this.logger.warn({ err: error }, 'something the gateway needs is away');
      return unavailable('unavailable', 'the service cannot answer now; try again');
    }
    this.logger.error({ err: error }, 'a request failed');
    return problem(500, 'internal_error', 'something went wrong on our side');
  }
}

function httpProblem(error: unknown): HttpProblem | null {
  const status = statusOf(error);
  if (status === null || status < 400 || status >= 500) return null;
  const code = CODES[status] ?? 'bad_request';
  return problem(status, code, WORDS[status] ?? 'this request cannot be read');
}

function statusOf(error: unknown): number | null {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'statusCode' in error) return Number(error.statusCode);
  return null;
}
