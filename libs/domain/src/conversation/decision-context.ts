import { type Door, type MessageFields, type Version } from '@parley/contracts';

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
}
