import {
  type ConversationEvent,
  formatTimestamp,
  type Json,
  type JsonObject,
} from '@parley/contracts';
import { conversations, messages } from '@parley/domain';
import { StreamFold } from '@parley/event-store';
import { type Recorded } from '@parley/event-sourcing';
import microdiff from 'microdiff';
import { documentedHeader, documentedMessage } from '../conversations/renderings.js';
import { type ReadEvents, SERVED } from './past-conversation.js';

const MAX_LENGTH = 4 * 1024 * 1024;

/** What events changed; `isCut` where there are more of them. */
export interface Changes {
  readonly changes: readonly JsonObject[];
  readonly isCut: boolean;
}

/** What each event after a position changed of what is served, some of them; null where they are erased. */
export async function changesAfter(
  events: ReadEvents,
  from: number,
  limit: number,
): Promise<Changes | null> {
  const fold = new StreamFold(SERVED);
  const changes: JsonObject[] = [];
  let length = 0;
  for await (const event of events) {
    if (!event) return null;
    if (event.position <= from) fold.apply(event);
    else if (changes.length === limit || length >= MAX_LENGTH) return { changes, isCut: true };
    else {
      const change = changeBy(event, fold);
      changes.push(change);
      length += JSON.stringify(change).length;
    }
  }
  return { changes, isCut: false };
}

/** Applies the event, and says what it changed. */
function changeBy(recorded: Recorded<ConversationEvent>, fold: StreamFold): JsonObject {
  const { event, position, streamVersion, occurredAt, recordedAt } = recorded;
  const messageId = 'message' in event.data ? event.data.message.message_id : null;
  const before = servedOf(fold, messageId);
  fold.apply(recorded);
  return {
    position,
    stream_version: streamVersion,
    type: event.type,
    door: event.data.door,
    occurred_at: formatTimestamp(occurredAt),
    recorded_at: formatTimestamp(BigInt(recordedAt)),
    message_id: messageId,
    changes: differences(before, servedOf(fold, messageId)),
  };
}

/** The message that is served, or the header where there is no message in question. */
function servedOf(fold: StreamFold, messageId: string | null): JsonObject {
  const conversation = fold.get(conversations);
  if (!conversation) return {};
  const { conversation_id, agent_id, header } = conversation;
  if (messageId === null) return documentedHeader(conversation_id, agent_id, header);
  const message = fold.get(messages, messageId);
  return message ? documentedMessage(conversation_id, undefined, message.fields) : {};
}

function differences(before: JsonObject, after: JsonObject): readonly JsonObject[] {
  return microdiff(bare(before) as object, bare(after) as object).map((difference) => ({
    path: difference.path,
    ...(difference.type !== 'CREATE' && { from: difference.oldValue as Json }),
    ...(difference.type !== 'REMOVE' && { to: difference.value as Json }),
  }));
}

/** Without what objects inherit: a field may be called `constructor` or `__proto__`. */
function bare(value: Json | undefined): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, field] of Object.entries(value))
    if (field !== undefined) copy[key] = bare(field);
  return copy;
}
