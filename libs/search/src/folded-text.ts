/** Characters of one text that are indexed. PostgreSQL takes no tsvector beyond 1 MiB, and words may count thrice. */
export const MAX_INDEXED = 65_536;

/**
 * A text as it is indexed and looked for: width, case and composition of letters make no difference. PostgreSQL alone
 * would depend on the locale of the database.
 */
export function foldText(text: string): string {
  // The dot that Turkish leaves over would tear the word apart.
  return text.normalize('NFKC').toLowerCase().replaceAll('i\u0307', 'i');
}
