import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { type ConversationEvent, type HeaderFields, type MessageFields } from '@parley/contracts';
import { type Recorded } from '@parley/event-sourcing';
import { changesAfter } from './changes.js';

const STREAM = '0190a5b4-0000-7000-8000-0000000000ff';
const RECORDED_AT = 1_705_314_605_000_000;
const revision = { hash: '', version: '', door: 'http' } as const;

function header(fields: Partial<HeaderFields> = {}): HeaderFields {
  return { timestamp: '2024-01-15T10:30:00Z', is_resolved: false, ...fields };
}

function message(fields: Partial<MessageFields> = {}): MessageFields {
  return {
    message_id: 'm1',
    role: 'customer',
    sender_id: 's1',
    content: 'Hello',
    timestamp: '2024-01-15T10:31:00Z',
    ...fields,
  };
}

function opened(fields?: Partial<HeaderFields>): ConversationEvent {
  const data = { agent_id: 'bot', conversation_id: 'c1', header: header(fields), ...revision };
  return { type: 'ConversationOpened', data };
}

const revised = (fields: Partial<HeaderFields>): ConversationEvent => ({
  type: 'ConversationRevised',
  data: { header: header(fields), ...revision },
});

function recorded(events: readonly ConversationEvent[]): Recorded<ConversationEvent>[] {
  return events.map((event, index) => ({
    event,
    position: (index + 1) * 10,
    streamId: STREAM,
    streamVersion: index + 1,
    occurredAt: 1_705_314_600_000_000n,
    recordedAt: RECORDED_AT + index,
  }));
}

async function changesOf(events: readonly ConversationEvent[], from = 0, limit = 100) {
  const found = await changesAfter(Readable.from(recorded(events)), from, limit);
  return found?.changes ?? [];
}

describe('what events changed', () => {
  it('is told with both clocks, and field by field', async () => {
    const [first, second] = await changesOf([
      opened({ user_data: { plan: 'free', tags: ['a'] } }),
      revised({ user_data: { plan: 'pro', tags: ['a', 'b'] }, is_resolved: true }),
    ]);

    expect(first).toMatchObject({ position: 10, type: 'ConversationOpened', message_id: null });
    expect(first?.['changes']).toContainEqual({ path: ['agent'], to: 'bot' });
    expect(second).toEqual({
      position: 20,
      stream_version: 2,
      type: 'ConversationRevised',
      door: 'http',
      occurred_at: '2024-01-15T10:30:00.000000Z',
      recorded_at: '2024-01-15T10:30:05.000001Z',
      message_id: null,
      changes: [
        { path: ['is_resolved'], from: false, to: true },
        { path: ['user_data', 'plan'], from: 'free', to: 'pro' },
        { path: ['user_data', 'tags', 1], to: 'b' },
      ],
    });
  });

  it('names the message, and what it no longer has', async () => {
    const changes = await changesOf([
      opened(),
      {
        type: 'MessageRecorded',
        data: { message: message({ logs: [1] }), ordinal: 0, ...revision },
      },
      {
        type: 'MessageRevised',
        data: { message: message({ content: 'Bye' }), ordinal: 0, ...revision },
      },
    ]);

    expect(changes[1]).toMatchObject({ message_id: 'm1', type: 'MessageRecorded' });
    expect(changes[2]).toMatchObject({
      message_id: 'm1',
      changes: [
        { path: ['content'], from: 'Hello', to: 'Bye' },
        { path: ['logs'], from: [1] },
      ],
    });
  });

  it('is nothing where an event is known but not served', async () => {
    const superseded: ConversationEvent = {
      type: 'MessageSuperseded',
      data: { message: message(), ordinal: 0, ...revision },
    };

    expect((await changesOf([opened(), superseded]))[1]).toMatchObject({
      message_id: 'm1',
      changes: [],
    });
  });

  it('is the agent where a conversation moved to another one', async () => {
    const data = { agent_id: 'b', previous_agent_id: 'bot', header: header(), ...revision };
    const [, moved] = await changesOf([opened(), { type: 'ConversationReassigned', data }]);

    expect(moved?.['changes']).toEqual([{ path: ['agent'], from: 'bot', to: 'b' }]);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'length', ''])(
    'is seen in a field called %j',
    async (name) => {
      const named = JSON.parse(`{${JSON.stringify(name)}:{"a":1}}`) as HeaderFields;
      const [, added, removed] = await changesOf([
        opened({ user_data: {} }),
        revised({ user_data: named }),
        revised({ user_data: {} }),
      ]);

      expect(added?.['changes']).toEqual([{ path: ['user_data', name], to: { a: 1 } }]);
      expect(removed?.['changes']).toEqual([{ path: ['user_data', name], from: { a: 1 } }]);
    },
  );

  it('begins after a position and ends at a limit', async () => {
    const events = [opened(), ...[1, 2, 3].map((score) => revised({ csat_score: score }))];
    const positions = (await changesOf(events, 10, 2)).map(({ position }) => position);

    expect(positions).toEqual([20, 30]);
  });

  it('ends where it is as much as an answer may hold, and says so', async () => {
    const long = (letter: string) => revised({ user_data: { text: letter.repeat(900_000) } });
    const events = recorded([opened(), ...[...'abcdefgh'].map(long)]);
    const found = await changesAfter(Readable.from(events), 0, 100);

    expect(found?.isCut).toBe(true);
    expect(found?.changes).toHaveLength(4);
    expect(await changesAfter(Readable.from(events.slice(0, 4)), 0, 100)).toMatchObject({
      isCut: false,
    });
  });

  it('is not told of what was erased meanwhile', async () => {
    async function* erased() {
      yield* recorded([opened()]);
      yield null;
    }

    expect(await changesAfter(erased(), 0, 100)).toBeNull();
  });
});
