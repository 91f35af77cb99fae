import { checkId, formatTimestamp, parseTimestamp, type Problem } from '@parley/contracts';
import { type Detail, details, invalid } from '../errors/http-problem.js';

// What is looked for is limited as ids are.
const IDS = ['agent', 'conversation_id', 'conversation_id_prefix', 'sender_id', 'q'] as const;
const TIMES = ['from', 'to'] as const;
const ALIASES: Readonly<Record<string, string>> = { agent_id: 'agent' };
const KNOWN: ReadonlySet<string> = new Set([...IDS, ...TIMES, 'limit', 'cursor']);

const PAGE = { fallback: 50, max: 200 };

/** How many things an answer holds: where nothing was asked for, and at most. */
export interface Limits {
  readonly fallback: number;
  readonly max: number;
}

/** What a list is narrowed down to; times are for PostgreSQL, with microseconds: `from` is in it, `to` is not. */
export interface ConversationFilter {
  readonly agent?: string;
  readonly conversation_id?: string;
  readonly conversation_id_prefix?: string;
  readonly sender_id?: string;
  readonly q?: string;
  readonly from?: string;
  readonly to?: string;
}

/** A list as asked for. */
export interface ListRequest {
  readonly filter: ConversationFilter;
  readonly limit: number;
  readonly cursor: string | null;
}

/** Reads the query of a list; what it does not know it refuses, so that a misspelt filter never shows everything. */
export function listRequestOf(query: unknown): ListRequest {
  const { values, refused } = singleValues(query, KNOWN);
  const limit = limitOf(values.get('limit'), PAGE);
  const times = TIMES.map((name) => [name, timeOf(values.get(name))] as const);
  const found = [
    ...refused,
    ...IDS.flatMap((name) => idDetails(name, values.get(name))),
    ...times.flatMap(([name, time]) => (time === null ? [detail(name, 'bad_timestamp')] : [])),
    ...(limit === null ? [refusedLimit(PAGE)] : []),
  ];
  if (found.length > 0 || limit === null) throw invalid(...found);
  const filter = [...IDS.map((name) => [name, values.get(name)] as const), ...times];
  return {
    filter: Object.fromEntries(filter.filter(([, value]) => value !== undefined)),
    limit,
    cursor: values.get('cursor') ?? null,
  };
}

/** The agent that a read or a deletion names, if any; refuses every other parameter. */
export function agentOf(query: unknown): string | null {
  const { values, refused } = singleValues(query, new Set(['agent']));
  const found = [...refused, ...idDetails('agent', values.get('agent'))];
  if (found.length > 0) throw invalid(...found);
  return values.get('agent') ?? null;
}

/** The parameters of a query by their documented names; refuses what is not known and what comes twice. */
export function singleValues(
  query: unknown,
  known: ReadonlySet<string>,
): { values: ReadonlyMap<string, string>; refused: Detail[] } {
  const values = new Map<string, string>();
  const refused: Detail[] = [];
  for (const [given, value] of Object.entries(query as Readonly<Record<string, unknown>>)) {
    const name = ALIASES[given] ?? given;
    if (!known.has(name)) refused.push(detail(given, 'unknown_parameter'));
    else if (typeof value !== 'string' || values.has(name))
      refused.push(detail(given, 'wrong_type'));
    else values.set(name, value);
  }
  return { values, refused };
}

/** What is wrong with an id in a query. */
export function idDetails(name: string, value: string | undefined): readonly Detail[] {
  if (value === undefined) return [];
  const problem: Problem | null = checkId(value, [name]);
  return problem ? details([problem], ['query']) : [];
}

const WORDS = {
  unknown_parameter: 'this parameter is not known here',
  wrong_type: 'give this parameter once',
  bad_timestamp: 'RFC 3339 with a zone',
};

function detail(name: string, type: keyof typeof WORDS): Detail {
  return { loc: ['query', name], msg: WORDS[type], type };
}

/** The limit that a query asks for; null where it is none. */
export function limitOf(text: string | undefined, { fallback, max }: Limits): number | null {
  if (text === undefined) return fallback;
  const limit = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : Infinity;
  return limit <= max ? limit : null;
}

/** What is said of a limit that is none. */
export function refusedLimit({ max }: Limits): Detail {
  const msg = `a whole number from 1 to ${String(max)}`;
  return { loc: ['query', 'limit'], msg, type: 'out_of_range' };
}

/** The moment as PostgreSQL reads it, to the microsecond; null where the text is none. */
function timeOf(text: string | undefined): string | null | undefined {
  if (text === undefined) return undefined;
  const micros = parseTimestamp(text)?.micros;
  return micros === undefined ? null : formatTimestamp(micros);
}
