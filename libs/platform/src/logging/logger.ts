import { isNativeError } from 'node:util/types';
import { type LoggerService } from '@nestjs/common';
import { Logger as NestPinoLogger, PinoLogger } from 'nestjs-pino';
import pino from 'pino';
import { safeError } from './safe-error.js';

/** The logger that all parts of a process share. */
export type Logger = pino.Logger;

/** `level` is pino's, `info` by default; `destination` is standard output unless a test wants the lines. */
export interface LoggerOptions {
  readonly service: string;
  readonly level?: string;
  readonly destination?: pino.DestinationStream;
}

const SECRETS = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'key',
  'apiKey',
  'headers',
  'body',
];

// pino's own serializers would take a safe error for a plain object and rename it.
const AS_MADE_SAFE = { err: (error: unknown) => error };

/** One JSON line per event on standard output; fields that carry secrets or bodies are dropped, errors made safe. */
export function createLogger({ service, level = 'info', destination }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), remove: true },
      serializers: AS_MADE_SAFE,
      hooks: { logMethod: logSafely },
    },
    destination ?? pino.destination({ sync: false }),
  );
}

/** pino repeats the message of an error as the line's own: a thrown error is made safe before pino sees it. */
function logSafely(this: pino.Logger, args: Parameters<pino.LogFn>, method: pino.LogFn): void {
  const [first, message, ...rest] = args;
  const thrown = isNativeError(first) ? first : (first as { err?: unknown } | null)?.err;
  if (!isNativeError(thrown)) return method.apply(this, args);
  const err = safeError(thrown);
  const fields = isNativeError(first) ? { err } : { ...(first as object), err };
  // Nest hands the error's own message over as the line's.
  const text = message === undefined || message === thrown.message ? err.message : message;
  method.apply(this, [fields, text, ...rest] as unknown as Parameters<pino.LogFn>);
}

/**
 * Nest's own log lines through `logger`; hand it to `NestFactory.create(…, { logger })`.
 * Nest keeps one logger per process, so the first one given stays.
 */
export function nestLogger(logger: Logger): LoggerService {
  const params = { pinoHttp: { logger, wrapSerializers: false, serializers: AS_MADE_SAFE } };
  return new NestPinoLogger(new PinoLogger(params), params);
}
