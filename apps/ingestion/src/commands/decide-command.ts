import { randomUUIDv7 } from 'node:crypto';
import {
  type ConversationEvent,
  parseTimestamp,
  type ReasonCode,
  type Receipt,
} from '@parley/contracts';
import {
  conversation,
  type ConversationRow,
  type DecisionContext,
  dispositionOf,
} from '@parley/domain';
import { type LogTransaction } from '@parley/event-store';
import { DomainError, type Recorded } from '@parley/event-sourcing';
import { type PreparedCommand } from './prepared-record.js';
import { carriedOutReceipt, type Evidence, rejectedReceipt } from './receipts.js';
import { type WorkingSet } from './working-set.js';

/** The transaction and the rows that a decision works with. */
export interface Workplace {
  readonly tx: LogTransaction;
  readonly set: WorkingSet;
  /** Counts the records of this transaction that wait, so that each has a version of its own. */
  readonly arrivals: { count: number };
}

/**
 * Decides one command against the rows as they are now, appends what follows, and answers its receipt.
 * `version` is fixed for records of s3, and for those that waited or are redriven.
 */
export function decideCommand(
  place: Workplace,
  prepared: PreparedCommand,
  version: string | null,
): Receipt {
  try {
    return carryOut(place, prepared, version);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const reason = error.code as ReasonCode;
    return rejectedReceipt(place.tx, prepared, { reason, place: [], message: error.message });
  }
}

function carryOut(place: Workplace, prepared: PreparedCommand, version: string | null): Receipt {
  const { envelope } = prepared;
  const found = place.set.find(envelope);
  const state = place.set.state(envelope, found);
  const context = contextOf(place, prepared, version);
  const events = conversation.decide(state, envelope.command, context);
  const streamId = found?.stream_id ?? randomUUIDv7();
  const last = append(place, prepared, { streamId, found, events }).at(-1);
  return carriedOutReceipt(place.tx, prepared, {
    disposition: dispositionOf(envelope.command.type, events),
    streamId,
    row: evidence(place, prepared, place.set.conversation(streamId) ?? found),
    last,
  });
}

function contextOf(
  { tx, set }: Workplace,
  { envelope, hashes, sentHashes }: PreparedCommand,
  version: string | null,
): DecisionContext {
  return {
    door: envelope.door,
    now: tx.now,
    version,
    digest: (text) => set.digest(text),
    messageHash: (message) => hashes.get(message) ?? '',
    sentHashes,
  };
}

interface Decided {
  readonly streamId: string;
  readonly found: ConversationRow | null;
  readonly events: readonly ConversationEvent[];
}

function append(
  { tx, set }: Workplace,
  { envelope }: PreparedCommand,
  { streamId, found, events }: Decided,
): Recorded<ConversationEvent>[] {
  const source = { door: envelope.door, command_id: envelope.command_id, ...envelope.source };
  const before = found?.stream_version ?? 0;
  return events.map((event, index) => {
    if (event.type === 'ConversationDeleted' && found)
      tx.eraseStream(streamId, identitiesOf(found));
    set.follow(streamId, event);
    return tx.append({
      streamId,
      streamVersion: before + index + 1,
      event,
      occurredAt: occurredAt(event, tx.now),
      contentHash: 'hash' in event.data ? event.data.hash : null,
      subject: subjectOf(event, streamId, set),
      source,
    });
  });
}

function identitiesOf({ agent_id, former_agents, conversation_id }: ConversationRow) {
  return [...former_agents, agent_id].map((agent) => ({ agent_id: agent, conversation_id }));
}

function occurredAt(event: ConversationEvent, now: number): bigint {
  const { data } = event;
  const text =
    'message' in data ? data.message.timestamp : 'header' in data ? data.header.timestamp : null;
  return (text !== null && parseTimestamp(text)?.micros) || BigInt(now);
}

/** Whose data a payload is: the sender's, else the conversation's own. */
function subjectOf({ data }: ConversationEvent, streamId: string, set: WorkingSet): string {
  return 'message' in data ? set.subject(data.message.sender_id) : streamId;
}

/** The row that a receipt speaks of: the message's for a message, else the conversation's. */
function evidence(
  { set }: Workplace,
  { envelope: { command } }: PreparedCommand,
  row: ConversationRow | null,
): Evidence {
  if (!row) throw new Error('a command was carried out on no conversation');
  if (command.type === 'DeleteConversation') return { ...row, content_hash: null };
  if (command.type === 'RecordConversation') return row;
  return set.message(row.stream_id, command.data.message.message_id) ?? row;
}
