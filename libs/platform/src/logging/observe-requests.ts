import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { histogram } from '../metrics/metrics.js';
import { type Logger } from './logger.js';

/** `fields` adds to a request's line, such as its tenant; it must not answer content or credentials. */
export interface ObserveRequestsOptions {
  readonly logger: Logger;
  readonly fields?: (request: FastifyRequest) => Readonly<Record<string, unknown>>;
}

/**
 * One log line and one observation of `http_request_duration_seconds` per answered request: method, pattern of the
 * route, status and duration; never the address itself, its query, a header or a body. Call it before the app listens.
 *
 * @example observeRequests(app.getHttpAdapter().getInstance(), { logger })
 */
export function observeRequests(
  server: Pick<FastifyInstance, 'addHook'>,
  { logger, fields }: ObserveRequestsOptions,
): void {
  const durations = histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
  });
  server.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    const route = request.is404 ? '(none)' : (request.routeOptions.url ?? '(none)');
    const ms = reply.elapsedTime;
    durations.observe({ method, route, status: reply.statusCode }, ms / 1000);
    if (logger.isLevelEnabled('info') && !/^\/(health|metrics)/.test(route)) {
      const line = { method, route, status: reply.statusCode, ms: Math.round(ms * 10) / 10 };
      logger.info({ ...line, ...fields?.(request) }, 'request');
    }
    done();
  });
}
