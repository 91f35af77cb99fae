import { limitOf, refusedLimit, singleValues } from '../conversations/list-request.js';
import { type Detail, invalid } from '../errors/http-problem.js';

/** Events as asked for: those after a position, of the log of an epoch where one is named. */
export interface EventsRequest {
  readonly after: number;
  readonly limit: number;
  /** How long to wait for an event where there is none yet, in seconds. */
  readonly wait: number;
  readonly epoch: number | null;
}

const EVENTS = { fallback: 100, max: 1000 };

/** What each number may be at most, and what is said of one that is none. */
const NUMBERS = {
  after: { max: Number.MAX_SAFE_INTEGER, msg: 'a position of the log' },
  wait: { max: 30, msg: 'seconds from 0 to 30' },
  epoch: { max: Number.MAX_SAFE_INTEGER, msg: '`log_epoch` of an answer' },
} as const;

/** Reads the query; refuses what it does not know. */
export function eventsRequestOf(query: unknown): EventsRequest {
  const { values, refused } = singleValues(query, new Set(['after', 'limit', 'wait', 'epoch']));
  const limit = limitOf(values.get('limit'), EVENTS);
  const found: Detail[] = [...refused, ...(limit === null ? [refusedLimit(EVENTS)] : [])];
  const numberOf = (name: keyof typeof NUMBERS): number | null => {
    const text = values.get(name);
    const { max, msg } = NUMBERS[name];
    if (text === undefined) return null;
    if (/^\d{1,15}$/.test(text) && Number(text) <= max) return Number(text);
    found.push({ loc: ['query', name], msg, type: 'out_of_range' });
    return null;
  };
  const [after, wait, epoch] = [numberOf('after'), numberOf('wait'), numberOf('epoch')];
  if (found.length > 0) throw invalid(...found);
  return { after: after ?? 0, wait: wait ?? 0, limit: limit ?? EVENTS.fallback, epoch };
}
