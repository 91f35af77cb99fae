import { isNativeError } from 'node:util/types';

/** An error as a log line may show it. */
export interface SafeError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack: string;
  readonly cause?: SafeError;
}

/**
 * What a log may say of something thrown: its name, code, place in the code and causes.
 *
 * Messages of PostgreSQL and of parsers quote the data they stumbled over, so theirs are left out; other properties
 * (`detail`, `parameters`, `response` …) never appear.
 */
export function safeError(thrown: unknown, depth = 0): SafeError {
  if (!isNativeError(thrown)) return { type: typeof thrown, message: '', stack: '' };
  const { code, severity } = thrown as { code?: unknown; severity?: unknown };
  const quotesData = severity !== undefined || thrown.name === 'SyntaxError';
  return {
    type: thrown.name,
    message: quotesData ? '(left out: it may quote data)' : thrown.message,
    ...(typeof code === 'string' ? { code } : {}),
    stack: frames(thrown.stack),
    ...(thrown.cause !== undefined && depth < 4
      ? { cause: safeError(thrown.cause, depth + 1) }
      : {}),
  };
}

function frames(stack = ''): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
