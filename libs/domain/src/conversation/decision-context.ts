import { type Door, type HeaderFields, type MessageFields, type Version } from '@parley/contracts';

/** What `decide` is handed besides the command: the time, the version, and the keyed digest of the tenant's log. */
export interface DecisionContext {
  readonly door: Door;
  /** Microseconds since 1970, not before the last event of the log. */
  readonly now: number;
  /** Fixed where the record has one: an s3 object's, or the first arrival of a record that waited or is redriven. */
  readonly version: Version | null;
  /** Keyed digest of an identity, for deletion. */
  readonly digest: (text: string) => string;
  /** The content hash of a message, computed once outside of the transaction. */
  readonly messageHash: (message: MessageFields) => string;
  /** The content hashes of headers and messages as they were sent, where redaction made them something else (D62). */
  readonly sentHashes?: ReadonlyMap<HeaderFields | MessageFields, string>;
}

/** What a revision says of the hash of what was sent; nothing where that is what is stored. */
export function sentHashOf(
  { sentHashes }: DecisionContext,
  fields: HeaderFields | MessageFields,
): { readonly sent_hash?: string } {
  const sent_hash = sentHashes?.get(fields);
  return sent_hash === undefined ? {} : { sent_hash };
}
