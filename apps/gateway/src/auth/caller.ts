import { type Principal } from '@parley/tenancy';
import { type FastifyRequest } from 'fastify';
import { type HttpProblem, problem } from '../errors/http-problem.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, told from the credential alone; null where none came. */
    caller: Principal | null;
  }
}

/** Who asks; throws a 401 where nobody said. */
export function callerOf(request: FastifyRequest): Principal {
  if (!request.caller) throw unauthorized();
  return request.caller;
}

/** The 401 of `/api/*` (D4). */
export function unauthorized(detail = 'send your API key in the header X-API-Key'): HttpProblem {
  return problem(401, 'unauthorized', detail, { 'WWW-Authenticate': 'ApiKey header="X-API-Key"' });
}
