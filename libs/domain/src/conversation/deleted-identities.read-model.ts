import { type ConversationEvent } from '@parley/contracts';
import { type ReadModel } from '@parley/event-sourcing';

/** A keyed digest of an identity that a deleted conversation had. */
export interface DeletedIdentityRow {
  readonly stream_id: string;
  readonly digest: string;
  /** Position of the deletion. */
  readonly position: number;
}

/** What must never come back (D63), known without keeping what it was. */
export const deletedIdentities: ReadModel<DeletedIdentityRow, ConversationEvent> = {
  table: 'deleted_identities',
  item: 'digest',
  isWriteOnce: true,
  columns: {
    stream_id: { kind: 'uuid' },
    digest: { kind: 'text' },
    position: { kind: 'bigint' },
  },
  indexes: [['digest']],
  touches: ({ event }) => (event.type === 'ConversationDeleted' ? event.data.digests : []),
  project: (_row, recorded, digest) => ({
    stream_id: recorded.streamId,
    digest,
    position: recorded.position,
  }),
};
