import { problem } from '../errors/http-problem.js';

/** Where manifests go: the one address that takes a body of lines, as a stream. */
export const RECONCILE_PATH = '/api/ingest/reconcile';

/** The type of a body of lines. */
export const LINES_TYPE = 'application/x-ndjson';

/** A manifest as it comes; a sender that says nothing for so long is given up. */
export async function* manifestOf(body: unknown, idleMs: number): AsyncGenerator<Buffer> {
  if (!isStream(body)) throw problem(415, 'unsupported_type', `send ${LINES_TYPE}, not compressed`);
  const chunks = body[Symbol.asyncIterator]();
  for (;;) {
    const { promise: silence, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(reject, idleMs);
    const next = await Promise.race([chunks.next(), silence])
      .catch(() => {
        throw problem(408, 'request_timeout', 'the manifest stopped coming');
      })
      .finally(() => {
        clearTimeout(timer);
      });
    if (next.done === true) return;
    yield next.value;
  }
}

function isStream(body: unknown): body is AsyncIterable<Buffer> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}
