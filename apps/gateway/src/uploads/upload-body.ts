import {
  type Decoded,
  isUnreadable,
  type Json,
  parseJsonBatch,
  type Problem,
} from '@parley/contracts';
import { details, HttpProblem, problem } from '../errors/http-problem.js';

/** A body as parsed: one value, or the items of an array, each of them parsed or refused on its own (D42). */
export type UploadBody = Decoded<Json> | readonly Decoded<Json>[];

/** Parses a body; throws a 400 where its bytes can't be read at all. */
export function parseUpload(bytes: Buffer): UploadBody {
  const body = parseJsonBatch(bytes);
  if ('ok' in body && !body.ok && isUnreadable(body.problems)) throw unparsed(body.problems);
  return body;
}

/** The answer to a body that was not parsed: 400 for what is no JSON in UTF-8, else 422. */
export function unparsed(problems: readonly Problem[]): HttpProblem {
  const [first] = problems;
  return first && isUnreadable(problems)
    ? problem(400, first.reason, `the body ${first.message}`)
    : new HttpProblem(422, { detail: details(problems) });
}
