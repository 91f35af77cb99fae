import { describe, expect, it } from '@jest/globals';
import { type ConversationEvent, type MessageFields } from '@parley/contracts';
import { fold, type Recorded } from '@parley/event-sourcing';
import fc from 'fast-check';
import { aHeader, aMessage, anS3Context, aRecord } from './conversation.fixtures.js';
import { conversation } from './conversation.js';
import { conversations } from './conversations.read-model.js';
import { messages } from './messages.read-model.js';

/** What an S3 object says of the one conversation: a header content and some messages, by content number. */
interface Snapshot {
  readonly seconds: number;
  readonly place: number;
  readonly score: number;
  readonly messages: readonly MessageFields[];
}

const message = fc
  .record({ id: fc.integer({ min: 1, max: 4 }), content: fc.integer({ min: 1, max: 3 }) })
  .map(({ id, content }) => aMessage({ message_id: `msg_${id}`, content: `content ${content}` }));

const snapshot = fc.record({
  seconds: fc.integer({ min: 0, max: 3 }),
  place: fc.integer({ min: 0, max: 50 }),
  score: fc.integer({ min: 0, max: 2 }),
  messages: fc.uniqueArray(message, { selector: (m) => m.message_id, maxLength: 4 }),
});

/** An object has one content at one place: no two snapshots of one version. */
const snapshots = fc.uniqueArray(snapshot, {
  selector: ({ seconds, place }) => `${seconds}/${place}`,
  minLength: 1,
  maxLength: 6,
});

const twoOrders = snapshots.chain((list) =>
  fc.tuple(
    fc.shuffledSubarray(list, { minLength: list.length }),
    fc.shuffledSubarray(list, { minLength: list.length }),
  ),
);

function importAll(order: readonly Snapshot[]): ConversationEvent[] {
  const events: ConversationEvent[] = [];
  for (const { seconds, place, score, messages: sent } of order) {
    const state = fold(conversation.evolve, conversation.initial, events);
    const record = aRecord({
      mode: 'replace',
      header: aHeader({ csat_score: score }),
      messages: sent,
    });
    events.push(...conversation.decide(state, record, anS3Context(seconds, place)));
  }
  return events;
}

function recorded(events: readonly ConversationEvent[]): Recorded<ConversationEvent>[] {
  return events.map((event, index) => ({
    event,
    position: index + 1,
    streamId: '01900000-0000-7000-8000-000000000000',
    streamVersion: index + 1,
    occurredAt: 0n,
    recordedAt: index + 1,
  }));
}

/** What a reader sees: the header and each message, with its place and version. */
function served(events: readonly ConversationEvent[]) {
  const row = fold(
    (state: Parameters<typeof conversations.project>[0], event: Recorded<ConversationEvent>) =>
      conversations.project(state, event, ''),
    null,
    recorded(events),
  );
  const ids = new Set(recorded(events).flatMap((event) => [...messages.touches(event)]));
  const rows = Array.from(ids, (id) => {
    const touching = recorded(events).filter((event) => [...messages.touches(event)].includes(id));
    const last = touching.reduce<ReturnType<typeof messages.project>>(
      (state, event) => messages.project(state, event, id),
      null,
    );
    return [id, last?.fields.content, last?.ordinal, last?.version] as const;
  });
  return { header: row?.header, version: row?.version, messages: rows.sort() };
}

describe('s3 records of a conversation', () => {
  it('end in the same served state whatever the order of their arrival', () => {
    fc.assert(
      fc.property(twoOrders, ([one, other]) => {
        expect(served(importAll(other))).toEqual(served(importAll(one)));
      }),
      { numRuns: 500 },
    );
  });

  it('leave the same served state when they all come twice', () => {
    fc.assert(
      fc.property(snapshots, (list) => {
        expect(served(importAll([...list, ...list]))).toEqual(served(importAll(list)));
      }),
      { numRuns: 200 },
    );
  });
});
