import { type ConversationEvent } from '@parley/contracts';
import { type ConversationRow, conversations, type MessageRow, messages } from '@parley/domain';
import { StreamFold } from '@parley/event-store';
import { type Recorded } from '@parley/event-sourcing';
import { type StoredHeader, type StoredMessage } from '../conversations/renderings.js';
import { wholeSeconds } from '../uploads/answer.js';

/** What conversations are read from. */
export const SERVED = [conversations, messages];

/** A conversation as it was known after its first so many events. */
export interface PastConversation {
  readonly row: ConversationRow;
  readonly messages: readonly MessageRow[];
}

/** Events of a conversation as they are read; null for one that was erased. */
export type ReadEvents = AsyncIterable<Recorded<ConversationEvent> | null>;

/** The conversation that these events lead to, its messages in order; null where they open none, or it is erased. */
export async function pastConversation(events: ReadEvents): Promise<PastConversation | null> {
  const fold = new StreamFold(SERVED);
  for await (const event of events) {
    if (!event) return null;
    fold.apply(event);
  }
  const row = fold.get(conversations);
  return row && { row, messages: fold.list(messages).toSorted(inOrder) };
}

/** As a read of the read models answers it. */
export function asStored({
  row,
  messages: rows,
}: PastConversation): StoredHeader & { readonly messages: readonly StoredMessage[] } {
  const { conversation_id, agent_id, header } = row;
  return {
    ...{ conversation_id, agent_id, header, ...timesOf(row) },
    messages: rows.map((message) => ({ fields: message.fields, ...timesOf(message) })),
  };
}

function timesOf(row: { readonly created_at: bigint; readonly updated_at: bigint }) {
  return {
    created_at: wholeSeconds(Number(row.created_at)),
    updated_at: wholeSeconds(Number(row.updated_at)),
  };
}

/** D61, as the statement that reads the live ones has it. */
function inOrder(a: MessageRow, b: MessageRow): number {
  if (a.sent_at !== b.sent_at) return a.sent_at < b.sent_at ? -1 : 1;
  return (
    a.sent_nanos - b.sent_nanos ||
    a.ordinal - b.ordinal ||
    Buffer.compare(Buffer.from(a.message_id), Buffer.from(b.message_id))
  );
}
