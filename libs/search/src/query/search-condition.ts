import { type Queryable, SEARCH_SCHEMA } from '@parley/event-store';
import { type Alternative, byLetters, type SearchQuery } from './search-query.js';

/** A condition of SQL on rows `t` of `search_1.texts`. */
export interface SearchCondition {
  /** Whether the row fits. */
  readonly sql: string;
  /** What a fitting row shows of the text `content` of its message, null for that of a header; plain text. */
  readonly excerpt: (content: string) => string;
  /** Of the parameters of what was used of it, in their order. */
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
  const params = new Params(first);
  const words = configurations.map((name) => wordsIn(params, name, query.text));
  const letters = alternatives.map((one, n) =>
    lettersOf(params, one, termsAt(alternatives, terms, n)),
  );
  return {
    sql: `(${[...words, ...letters].join(' OR ') || 'false'})`,
    excerpt: (content) => excerptOf(params, { content, text: query.text, term: terms[0] ?? '' }),
    values: params.values,
  };
}

class Params {
  readonly values: string[] = [];

  constructor(private readonly first: number) {}

  /** The name of the parameter that has this value. */
  of(value: string): string {
    const known = this.values.indexOf(value);
    return `$${this.first + (known < 0 ? this.values.push(value) - 1 : known)}::text`;
  }
}

const termsOf = ({ all, none }: Alternative): readonly string[] => [...all, ...none];

function termsAt(alternatives: readonly Alternative[], terms: readonly string[], n: number) {
  const from = alternatives.slice(0, n).flatMap(termsOf).length;
  return terms.slice(from);
}

function wordsIn(params: Params, name: string, text: string): string {
  const query = `websearch_to_tsquery('search.${name}', ${params.of(text)})`;
  return `(t.configuration = ${params.of(name)} AND t.words @@ ${query})`;
}

function lettersOf(params: Params, { all, none }: Alternative, terms: readonly string[]): string {
  const like = (n: number) =>
    params.of(`%${(terms[n] ?? '').replace(/[\\%_]/g, String.raw`\$&`)}%`);
  const held = all.map((_, n) => `t.letters LIKE ${like(n)}`);
  const lacked = none.map((_, n) => `t.letters NOT LIKE ${like(all.length + n)}`);
  return `(${[...held, ...lacked].join(' AND ')})`;
}

/** The first of the terms is what is shown of letters. */
function excerptOf(
  params: Params,
  {
    content,
    text,
    term,
  }: { readonly content: string; readonly text: string; readonly term: string },
): string {
  const at = `strpos(t.letters, ${params.of(term)})`;
  const configuration = `('search.' || t.configuration)::regconfig`;
  return `CASE
    WHEN ${params.of(term)} <> '' AND ${at} > 0 THEN substr(t.letters, greatest(${at} - 60, 1), 160)
    WHEN ${content} IS NULL THEN left(t.letters, 160)
    ELSE ts_headline(${configuration}, left(${content}, ${EXCERPT_OF}),
      websearch_to_tsquery(${configuration}, ${params.of(text)}), '${HEADLINE}') END`;
}
