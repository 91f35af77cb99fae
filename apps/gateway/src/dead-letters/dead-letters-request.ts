import { DOORS, REASON_CODES } from '@parley/contracts';
import { type DeadLetterPage } from '@parley/event-store';
import { validate } from 'uuid';
import { limitOf, refusedLimit, singleValues } from '../conversations/list-request.js';
import { type Detail, invalid, problem } from '../errors/http-problem.js';

const PAGE = { fallback: 50, max: 500 };
const NAMES = ['reason', 'door', 'after', 'limit'] as const;

/** A page as asked for; `after` is `next_after` of the one before. */
export interface DeadLettersRequest extends Pick<DeadLetterPage, 'reason' | 'door' | 'limit'> {
  readonly after: string | null;
}

/** Reads the query of a list, or of a redrive of many; refuses what it does not know. */
export function deadLettersRequestOf(query: unknown): DeadLettersRequest {
  const { values, refused } = singleValues(query, new Set<string>(NAMES));
  const limit = limitOf(values.get('limit'), PAGE);
  const found = [
    ...refused,
    ...oneOf(values, 'reason', REASON_CODES),
    ...oneOf(values, 'door', DOORS),
    ...(limit === null ? [refusedLimit(PAGE)] : []),
  ];
  if (found.length > 0 || limit === null) throw invalid(...found);
  return {
    reason: values.get('reason'),
    door: values.get('door'),
    after: values.get('after') ?? null,
    limit,
  };
}

/** Why a letter is discarded, in the query `note`; null where nothing was said. */
export function noteOf(query: unknown): string | null {
  const { values, refused } = singleValues(query, new Set(['note']));
  const note = values.get('note') ?? null;
  const found = [
    ...refused,
    ...(note !== null && note.length > 500 ? [refusal('note', 'at most 500 characters')] : []),
  ];
  if (found.length > 0) throw invalid(...found);
  return note;
}

/** Throws a 404 for what can't be the id of a letter. */
export function checkLetterId(id: string): string {
  if (!validate(id)) throw noSuchLetter();
  return id.toLowerCase();
}

/** The answer where a letter is not, or no longer, there. */
export function noSuchLetter() {
  return problem(404, 'not_found', 'there is no such dead letter, or it is gone');
}

function oneOf(
  values: ReadonlyMap<string, string>,
  name: string,
  known: readonly string[],
): Detail[] {
  const text = values.get(name);
  return text === undefined || known.includes(text) ? [] : [refusal(name, 'none that is known')];
}

function refusal(name: string, msg: string): Detail {
  return { loc: ['query', name], msg, type: 'out_of_range' };
}
