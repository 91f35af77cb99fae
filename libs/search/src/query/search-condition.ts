import { type Queryable, SEARCH_SCHEMA } from '@parley/event-store';
import { type Alternative, byLetters, type SearchQuery } from './search-query.js';

/** Conditions of SQL on rows of `search_1.texts`, and the values of their parameters. */
export interface SearchCondition {
  /** Whether the row `t` fits. */
  readonly sql: string;
  /** What a fitting row shows of the text `content` of its message, null for that of a header; plain text. */
  readonly excerpt: (content: string) => string;
  readonly values: readonly unknown[];
}

interface Names {
  readonly configurations: readonly string[];
  readonly terms: readonly string[];
}

// As the letters of texts were indexed, with nothing left in them that LIKE would take for more than itself.
const PREPARE = `SELECT (SELECT coalesce(array_agg(name ORDER BY name), '{}') FROM ${SEARCH_SCHEMA}.configurations) AS configurations,
  (SELECT coalesce(array_agg(search.unaccent(term) ORDER BY n), '{}')
    FROM unnest($1::text[]) WITH ORDINALITY AS given (term, n)) AS terms`;

const EXCERPT_OF = 20_000;
const HEADLINE = 'StartSel="", StopSel="", MinWords=12, MaxWords=28, MaxFragments=1';

/**
 * The condition for what is looked for in a tenant's texts: in each language that they have by its words, and what has
 * no known language by its letters. `first` is the number of its first parameter.
 */
export async function searchCondition(
  db: Queryable,
  query: SearchQuery,
  first: number,
): Promise<SearchCondition> {
  const alternatives = byLetters(query);
  const { rows } = await db.query<Names>(PREPARE, [alternatives.flatMap(termsOf)]);
  const { configurations = [], terms = [] } = rows[0] ?? {};
  const values: unknown[] = [];
  const param = (value: unknown) => `$${first - 1 + values.push(value)}`;
  const text = param(query.text);
  const words = configurations.map((name) => wordsIn(param(name), text));
  const shownBy = alternatives[0]?.all[0] === undefined ? '' : (terms[0] ?? '');
  const letters = alternatives.map((one, n) =>
    lettersOf(one, termsAt(alternatives, terms, n), param),
  );
  return {
    sql: `(${[...words, ...letters].join(' OR ') || 'false'})`,
    excerpt: excerptBy(text, param(shownBy)),
    values,
  };
}

const termsOf = ({ all, none }: Alternative): readonly string[] => [...all, ...none];

function termsAt(alternatives: readonly Alternative[], terms: readonly string[], n: number) {
  const from = alternatives.slice(0, n).flatMap(termsOf).length;
  return terms.slice(from);
}

function wordsIn(configuration: string, text: string): string {
  const query = `websearch_to_tsquery(('search.' || ${configuration}::text)::regconfig, ${text})`;
  return `(t.configuration = ${configuration} AND t.words @@ ${query})`;
}

function lettersOf(
  { all, none }: Alternative,
  terms: readonly string[],
  param: (value: unknown) => string,
): string {
  const like = (term: string) => param(`%${term.replace(/[\\%_]/g, String.raw`\$&`)}%`);
  const held = all.map((_, n) => `t.letters LIKE ${like(terms[n] ?? '')}`);
  const lacked = none.map((_, n) => `t.letters NOT LIKE ${like(terms[all.length + n] ?? '')}`);
  return `(${[...held, ...lacked].join(' AND ')})`;
}

function excerptBy(text: string, term: string): (content: string) => string {
  const at = `strpos(t.letters, ${term}::text)`;
  return (content) => `CASE
    WHEN ${term}::text <> '' AND ${at} > 0 THEN substr(t.letters, greatest(${at} - 60, 1), 160)
    WHEN ${content} IS NULL THEN left(t.letters, 160)
    ELSE ts_headline(('search.' || t.configuration)::regconfig, left(${content}, ${EXCERPT_OF}),
      websearch_to_tsquery(('search.' || t.configuration)::regconfig, ${text}), '${HEADLINE}') END`;
}
