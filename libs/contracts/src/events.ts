import { type Event } from '@parley/event-sourcing';
import { type Door, type HeaderFields, type MessageFields } from './command/commands.js';
import { type Version } from './command/version.js';

/**
 * What every revision says of itself: `hash` is the content hash (SHA-256 of the canonical form, hex), `sent_hash` a
 * keyed digest of that of what was sent, where redaction made it something else (D62).
 */
interface Revision {
  readonly hash: string;
  readonly sent_hash?: string;
  readonly version: Version;
  readonly door: Door;
}

interface HeaderRevision extends Revision {
  readonly header: HeaderFields;
}

interface MessageRevision extends Revision {
  readonly message: MessageFields;
  /** Place in the sender's array, from 0; a message sent alone has 0. */
  readonly ordinal: number;
}

/** A conversation exists from here on. */
export type ConversationOpened = Event<
  'ConversationOpened',
  HeaderRevision & { readonly agent_id: string; readonly conversation_id: string }
>;

/** Its header is now this one, whole. */
export type ConversationRevised = Event<'ConversationRevised', HeaderRevision>;

/** It belongs to another agent now (the one exception of D7), with this header. */
export type ConversationReassigned = Event<
  'ConversationReassigned',
  HeaderRevision & { readonly agent_id: string; readonly previous_agent_id: string }
>;

/** A valid header came that is earlier than the one served: known, not served. */
export type ConversationSuperseded = Event<'ConversationSuperseded', HeaderRevision>;

/** A message exists from here on. */
export type MessageRecorded = Event<'MessageRecorded', MessageRevision>;

/** The message is now this one, whole. */
export type MessageRevised = Event<'MessageRevised', MessageRevision>;

/** A valid message came that is earlier than the one served: known, not served. */
export type MessageSuperseded = Event<'MessageSuperseded', MessageRevision>;

/**
 * A later s3 record repeated content that was there already: what it repeated now has its version and its place, so
 * that an older object that comes late can't win. Not a source event: it never triggers scoring.
 */
export type RecordConfirmed = Event<
  'RecordConfirmed',
  {
    readonly version: Version;
    readonly door: Door;
    readonly isHeaderConfirmed: boolean;
    readonly messages: readonly { readonly message_id: string; readonly ordinal: number }[];
  }
>;

/** Gone for good: `digests` are keyed digests of every identity it had, so that nothing revives it. */
export type ConversationDeleted = Event<
  'ConversationDeleted',
  { readonly digests: readonly string[]; readonly door: Door }
>;

/** The facts of one conversation. */
export type ConversationEvent =
  | ConversationOpened
  | ConversationRevised
  | ConversationReassigned
  | ConversationSuperseded
  | MessageRecorded
  | MessageRevised
  | MessageSuperseded
  | RecordConfirmed
  | ConversationDeleted;

const IS_SOURCE: Readonly<Record<ConversationEvent['type'], boolean>> = {
  ConversationOpened: true,
  ConversationRevised: true,
  ConversationReassigned: true,
  ConversationSuperseded: false,
  MessageRecorded: true,
  MessageRevised: true,
  MessageSuperseded: false,
  RecordConfirmed: false,
  ConversationDeleted: true,
};

/** The types of all facts that this code knows. */
export const CONVERSATION_EVENT_TYPES: readonly string[] = Object.keys(IS_SOURCE);

/** False for facts that say nothing new of what is served: nobody needs to act on them. Unknown ones may say it. */
export function isSourceEvent(type: string): boolean {
  return (IS_SOURCE as Readonly<Record<string, boolean>>)[type] !== false;
}
