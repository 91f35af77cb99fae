/** What a text is cut into words by where its language is not known, or PostgreSQL can't stem it. */
export const SIMPLE = 'simple';

/** PostgreSQL's text search configurations by language (ISO 639-1). Older servers lack some. */
const CONFIGURATIONS: Readonly<Record<string, string>> = {
  ar: 'arabic',
  ca: 'catalan',
  da: 'danish',
  de: 'german',
  el: 'greek',
  en: 'english',
  es: 'spanish',
  et: 'estonian',
  eu: 'basque',
  fi: 'finnish',
  fr: 'french',
  ga: 'irish',
  hi: 'hindi',
  hu: 'hungarian',
  hy: 'armenian',
  id: 'indonesian',
  it: 'italian',
  lt: 'lithuanian',
  // Written alike, and told apart by nobody in a few words.
  ms: 'indonesian',
  nb: 'norwegian',
  ne: 'nepali',
  nl: 'dutch',
  nn: 'norwegian',
  no: 'norwegian',
  pt: 'portuguese',
  ro: 'romanian',
  ru: 'russian',
  sr: 'serbian',
  sv: 'swedish',
  ta: 'tamil',
  tr: 'turkish',
  yi: 'yiddish',
};

/** The configuration for a language; `simple` for one that PostgreSQL can't stem. */
export function configurationOf(language: string): string {
  return CONFIGURATIONS[language] ?? SIMPLE;
}
