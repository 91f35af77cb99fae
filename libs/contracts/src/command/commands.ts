import { type Command } from '@parley/event-sourcing';
import { type JsonObject } from '../json.js';

/** How a record came in. */
export type Door = 'http' | 'kafka' | 's3' | 'upload' | 'chat';

/** The doors, for checks at run time. */
export const DOORS: readonly Door[] = ['http', 'kafka', 's3', 'upload', 'chat'];

/**
 * What a conversation record carries besides its identity and its messages: `timestamp` (RFC 3339, the sender's text),
 * `is_resolved`, optionally `csat_score`, `user_data`, `missing_info` and whatever else was sent. Null fields are left
 * out. With `merge` (the HTTP call, D11) only the fields that were sent; with `replace` all, defaults filled in.
 */
export type HeaderFields = JsonObject & { readonly timestamp: string };

/** A message as sent, its parent's identity left out: D50 keeps unknown fields. */
export type MessageFields = JsonObject & {
  readonly message_id: string;
  readonly role: string;
  readonly sender_id: string;
  readonly content: string;
  readonly timestamp: string;
};

/** Record a conversation header and, where the record holds them, its messages in the sender's order. */
export type RecordConversation = Command<
  'RecordConversation',
  {
    readonly conversation_id: string;
    readonly agent_id: string;
    readonly mode: 'merge' | 'replace';
    readonly header: HeaderFields;
    readonly messages: readonly MessageFields[];
  }
>;

/** Record one message of a conversation; without `agent_id` the conversation is found as D7 says. */
export type RecordMessage = Command<
  'RecordMessage',
  {
    readonly conversation_id: string;
    readonly agent_id?: string;
    readonly message: MessageFields;
  }
>;

/** Delete a conversation for good (D63); without `agent_id` it is found as D7 says. */
export type DeleteConversation = Command<
  'DeleteConversation',
  { readonly conversation_id: string; readonly agent_id?: string }
>;

/** Everything that ingestion can be asked to record. */
export type IngestionCommand = RecordConversation | RecordMessage | DeleteConversation;

/** The messages that a command carries, in the sender's order. */
export function messagesOf(command: IngestionCommand): readonly MessageFields[] {
  switch (command.type) {
    case 'RecordConversation':
      return command.data.messages;
    case 'RecordMessage':
      return [command.data.message];
    case 'DeleteConversation':
      return [];
  }
}

/** What a command has to do with others: the ids of CloudEvents' and W3C's tracing. */
export interface CommandTrace {
  readonly correlation_id?: string;
  readonly causation_id?: string;
  readonly traceparent?: string;
}

/**
 * What redaction did to a command in its door (D62). `masked` names places and rules, as `messages[].content: email`, and
 * no values. `header_hash` and `message_hashes` (parallel to the command's messages) are the content hashes of what was
 * sent, where that is not what the command holds; a header's counts only where it is served whole, as it was sent.
 */
export interface CommandRedaction {
  readonly masked: readonly string[];
  readonly header_hash?: string;
  readonly message_hashes?: readonly (string | null)[];
}

/**
 * A command on its way to ingestion.
 *
 * `command_id` makes delivery harmless: a repeat is answered with the first receipt. `attempt_id` is new with every
 * publish, so that whoever repeats a rejected command can tell the new receipt from the old.
 * `request_hash` (SHA-256 of method, address and body, hex) is there where the sender chose the `command_id` (D54): another
 * body under the same key is refused. `version` is there for s3 alone: see `s3Version`.
 * `warnings` are what the door has to say of the record; `source` its coordinates at the door (no content); `redaction` is
 * there where something was masked.
 */
export interface CommandEnvelope {
  readonly command_id: string;
  readonly attempt_id: string;
  readonly tenant: string;
  readonly door: Door;
  readonly command: IngestionCommand;
  readonly request_hash?: string;
  readonly version?: string;
  readonly warnings: readonly string[];
  readonly source: JsonObject;
  readonly trace?: CommandTrace;
  readonly redaction?: CommandRedaction;
}
