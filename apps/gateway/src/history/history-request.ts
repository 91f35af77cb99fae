import { idDetails, limitOf, refusedLimit, singleValues } from '../conversations/list-request.js';
import { type Detail, invalid } from '../errors/http-problem.js';
import { type Moment, momentOf } from './moment.js';

/** A conversation as asked for: as it is now, or as it was known at a moment. */
export interface ReadRequest {
  readonly agent: string | null;
  readonly asOf: Moment | null;
}

/** What became of a conversation after one moment until another; null means until now. */
export interface DiffRequest {
  readonly agent: string | null;
  readonly from: Moment;
  readonly to: Moment | null;
  readonly limit: number;
}

const CHANGES = { fallback: 500, max: 1000 };

/** Reads the query of a read; refuses what it does not know. */
export function readRequestOf(query: unknown): ReadRequest {
  const { values, refused } = singleValues(query, new Set(['agent', 'as_of']));
  const asOf = momentIn(values, 'as_of');
  orRefuse(refused, idDetails('agent', values.get('agent')), asOf.refused);
  return { agent: values.get('agent') ?? null, asOf: asOf.moment };
}

/** Reads the query of a diff; refuses what it does not know. */
export function diffRequestOf(query: unknown): DiffRequest {
  const { values, refused } = singleValues(query, new Set(['agent', 'from', 'to', 'limit']));
  const [from, to] = [momentIn(values, 'from'), momentIn(values, 'to')];
  const limit = limitOf(values.get('limit'), CHANGES);
  orRefuse(
    refused,
    idDetails('agent', values.get('agent')),
    from.refused,
    to.refused,
    limit === null ? [refusedLimit(CHANGES)] : [],
  );
  return {
    agent: values.get('agent') ?? null,
    from: from.moment ?? { position: 0 },
    to: to.moment,
    limit: limit ?? CHANGES.fallback,
  };
}

function momentIn(
  values: ReadonlyMap<string, string>,
  name: string,
): { readonly moment: Moment | null; readonly refused: readonly Detail[] } {
  const text = values.get(name);
  const moment = text === undefined ? null : momentOf(text);
  if (text === undefined || moment) return { moment, refused: [] };
  const msg = 'a position of the log, or RFC 3339 with a zone';
  return { moment, refused: [{ loc: ['query', name], msg, type: 'bad_timestamp' }] };
}

function orRefuse(...found: readonly (readonly Detail[])[]): void {
  const details = found.flat();
  if (details.length > 0) throw invalid(...details);
}
