import { type Door, type HeaderFields, type MessageFields, type Version } from '@parley/contracts';

/** What `decide` is handed besides the command: the time, the version, and the keyed digest of the tenant's log. */
export interface DecisionContext {
  readonly door: Door;
  /** Microseconds since 1970, not before the last event of the log. */
  readonly now: number;
  /** Fixed where the record has one: an s3 object's, or the first arrival of a record that waited or is redriven. */
  readonly version: Version | null;
  /** Keyed digest of an identity, for deletion, or of a hash of what was sent. */
  readonly digest: (text: string) => string;
  /** The content hash of a message, computed once outside of the transaction. */
  readonly messageHash: (message: MessageFields) => string;
  /** The content hashes of headers and messages as they were sent, where redaction made them something else (D62). */
  readonly sentHashes?: ReadonlyMap<HeaderFields | MessageFields, string>;
}

/** The text whose keyed digest stands for the hash of what was sent. */
export function sentText(hash: string): string {
  return JSON.stringify(['sent', hash]);
}

/**
 * What a revision says of the hash of what was sent; nothing where that is what is stored. A bare hash beside what is left
 * of it would be found by trying all numbers that were a phone's.
 */
export function sentHashOf(
  { sentHashes, digest }: DecisionContext,
  fields: HeaderFields | MessageFields,
): { readonly sent_hash?: string } {
  const hash = sentHashes?.get(fields);
  return hash === undefined ? {} : { sent_hash: digest(sentText(hash)) };
}
