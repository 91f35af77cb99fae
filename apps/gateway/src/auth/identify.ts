import { type RateLimits } from '@parley/platform';
import { type Credentials, type Principal } from '@parley/tenancy';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { problem } from '../errors/http-problem.js';
import { orTooMany } from '../limits/key-limits.js';
import { unauthorized } from './caller.js';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);
const OTHER_SCHEMES = /^(?:bearer|token)\b/i;

/**
 * Tells who asks, for every request whatever its path, before a byte of its body is read. What they may do is the
 * guard's business; but who says nothing may only read, so that no stranger's body is ever taken in.
 * `failures` counts invalid keys by address.
 */
export function identifyCallers(
  instance: FastifyInstance,
  credentials: Credentials,
  failures: RateLimits,
): void {
  instance.decorateRequest('caller', null);
  instance.addHook('onRequest', async (request) => {
    const key = keyOf(request);
    if (key !== null) request.caller = await authenticate(credentials, failures, request.ip, key);
    else if (!READING.has(request.method)) throw unauthorized();
  });
}

function keyOf({ headers }: FastifyRequest): string | null {
  const key = headers['x-api-key'];
  if (key === undefined) return null;
  // Node joins a header that comes twice by a comma, which no key contains.
  if (typeof key !== 'string' || key.includes(',')) {
    throw problem(400, 'bad_header', 'the header X-API-Key came more than once');
  }
  if (OTHER_SCHEMES.test(headers.authorization ?? '')) {
    throw unauthorized('two credentials came: send X-API-Key alone');
  }
  return key;
}

async function authenticate(
  credentials: Credentials,
  failures: RateLimits,
  address: string,
  key: string,
): Promise<Principal> {
  const count = async (points: number): Promise<void> => {
    orTooMany(await failures.take(address, points), 'too many invalid keys came from this address');
  };
  // Anyone can make up keys of the right form: they cost a query each only while the address may still guess.
  const principal = await credentials.authenticate(key, () => count(0));
  if (principal) return principal;
  await count(1);
  throw unauthorized('this API key is not, or no longer, valid');
}
