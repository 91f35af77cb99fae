/** What a race was about: `stream/conflict` another event has that version, `offset/fenced` another consumer moved on. */
export type ConcurrencyCode = 'stream/conflict' | 'offset/fenced';

/** Lost a race; nothing was written. Read again, decide again. */
export class ConcurrencyError extends Error {
  override readonly name = 'ConcurrencyError';

  constructor(
    readonly code: ConcurrencyCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * The read models that the database serves are of a version that this code does not know: it is older than the database,
 * and has to wait until it is replaced. Nothing was read or written.
 */
export class UnknownReadModelsError extends Error {
  override readonly name = 'UnknownReadModelsError';
  readonly code = 'read-models/unknown-version';

  constructor(version: number) {
    super(
      `the database serves read models of version ${version}, which this release does not know`,
    );
  }
}

/**
 * The log holds an event of a type that this code does not know. Whoever derives something from the log stops at it: what
 * it skipped would never be missed.
 */
export class UnknownEventError extends Error {
  override readonly name = 'UnknownEventError';
  readonly code = 'event/unknown-type';

  constructor(position: number, type: string) {
    super(`position ${position} has an event of type ${type}, which this release does not know`);
  }
}

interface PostgresError extends Error {
  code?: string;
  constraint?: string;
  detail?: unknown;
  where?: unknown;
  hint?: unknown;
  internalQuery?: unknown;
}

/** A failure of PostgreSQL as it may leave here: without the values of rows, which it likes to quote. */
export function safeError(error: unknown): unknown {
  if (!(error instanceof Error) || !('severity' in error)) return error;
  const failure = error as PostgresError;
  if (failure.code === '23505' && failure.constraint === STREAM_VERSION_KEY)
    return new ConcurrencyError('stream/conflict', 'the stream has an event of that version');
  delete failure.detail;
  delete failure.where;
  delete failure.internalQuery;
  // Class 22, data exception, quotes the offending value in its message.
  if (failure.code?.startsWith('22')) failure.message = `data exception ${failure.code}`;
  return failure;
}

/** The unique constraint on (stream_id, stream_version). */
export const STREAM_VERSION_KEY = 'conversation_events_stream_version_key';
