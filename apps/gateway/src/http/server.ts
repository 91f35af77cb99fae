import { type Socket } from 'node:net';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type GatewayConfig } from '../config.js';
import { type ErrorCode } from '../errors/http-problem.js';
import { LINES_TYPE, RECONCILE_PATH } from '../reconciliation/manifest-body.js';
import { isPatientWith } from './patience.js';

/** A JSON body of `/api/*`, at most (D44). */
export const MAX_BODY_BYTES = 1024 * 1024;

// An id of 200 code points in a path: four bytes each, three characters a byte.
const MAX_PARAM_LENGTH = 200 * 4 * 3;
const HEADERS_TIMEOUT_MS = 10_000;
const CHECK_EVERY_MS = 2_000;
const KEEP_ALIVE_MS = 72_000;

/** Fastify with limits on all that a stranger can make it hold: time, headers, addresses, bodies. */
export function createAdapter({ REQUEST_TIMEOUT_MS }: GatewayConfig): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: {
      headersTimeout: Math.min(HEADERS_TIMEOUT_MS, REQUEST_TIMEOUT_MS),
      // Node looks for what takes too long only every 30 s otherwise.
      connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, REQUEST_TIMEOUT_MS),
    },
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // What still comes while the server stops is answered, and its connection closed after it.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (_error: unknown, _request: unknown, reply: FastifyReply) => {
      void reply.status(400).send({ detail: 'this address cannot be read', code: 'bad_request' });
    },
    clientErrorHandler: answerUnreadable,
  });
}

/** Bodies stay bytes: only our own decoder reads them. Other types, charsets and codings are a 415. */
export function acceptBodies(instance: FastifyInstance): void {
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (request, body, done) => {
      done(isPlainUtf8(request) ? null : new UnsupportedMediaTypeException(), body);
    },
  );
  // Only the address that reads lines as they come gets them.
  instance.addContentTypeParser(LINES_TYPE, (request, payload, done) => {
    const isTaken = request.routeOptions.url === RECONCILE_PATH && isPlainUtf8(request);
    done(isTaken ? null : new UnsupportedMediaTypeException(), payload);
  });
  instance.addHook('preParsing', (request, _reply, payload, done) => {
    const coding = request.headers['content-encoding'];
    const isPlain = coding === undefined || coding === 'identity';
    done(isPlain ? null : new UnsupportedMediaTypeException(), payload);
  });
}

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i;

function isPlainUtf8({ headers }: FastifyRequest): boolean {
  const charset = CHARSET.exec(headers['content-type'] ?? '')?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset);
}

const UNREADABLE: Readonly<Record<string, readonly [string, ErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'too_large',
    'the headers are too large',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'request_timeout', 'the request took too long'],
};

/** What is no HTTP never reaches a route, so that its answer is written by hand. */
function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && isPatientWith(socket)) return;
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, detail] =
    UNREADABLE[error.code ?? ''] ??
    (['400 Bad Request', 'bad_request', 'this is no HTTP'] as const);
  const body = JSON.stringify({ detail, code });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nConnection: close\r\n` +
      `Content-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
  );
}
