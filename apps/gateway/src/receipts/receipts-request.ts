import { singleValues } from '../conversations/list-request.js';
import { type Detail, invalid } from '../errors/http-problem.js';

/** Whose receipts are asked for: of the request that came to this path under this `Idempotency-Key`. */
export interface KeyedReceipts {
  readonly key: string;
  readonly path: string;
}

/** Reads the query of a list of receipts; both are needed, as a key stands for one path. */
export function keyedReceiptsOf(query: unknown): KeyedReceipts {
  const { values, refused } = singleValues(query, new Set(['idempotency_key', 'path']));
  const [key, path] = [values.get('idempotency_key'), values.get('path')];
  const missing = (name: string): Detail => ({
    loc: ['query', name],
    msg: 'is missing',
    type: 'missing_field',
  });
  if (refused.length > 0) throw invalid(...refused);
  if (key === undefined) throw invalid(missing('idempotency_key'));
  if (path === undefined) throw invalid(missing('path'));
  return { key, path };
}
