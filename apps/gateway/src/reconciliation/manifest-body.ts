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
    const timer = setTimeout(() => body.destroy(), idleMs);
    const next = await chunks
      .next()
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

interface Body extends AsyncIterable<Buffer> {
  destroy(): void;
}

function isStream(body: unknown): body is Body {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}
