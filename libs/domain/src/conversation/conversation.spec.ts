import { describe, expect, it } from '@jest/globals';
import { type ConversationEvent } from '@parley/contracts';
import { specification } from '@parley/event-sourcing';
import {
  aContext,
  aHeader,
  aMessage,
  aMessageCommand,
  anS3Context,
  aRecord,
  NOON,
} from './conversation.fixtures.js';
import { conversation, type ConversationCommand } from './conversation.js';
import { type DecisionContext } from './decision-context.js';

const REMOVE: ConversationCommand = {
  type: 'DeleteConversation',
  data: { conversation_id: 'conv_001' },
};

/** The events that `commands` lead to, one after the other. */
function history(...commands: [ConversationCommand, DecisionContext][]): ConversationEvent[] {
  const events: ConversationEvent[] = [];
  for (const [command, context] of commands) {
    const outcome = specification(conversation, context).given(events).when(command);
    if ('events' in outcome) events.push(...outcome.events);
  }
  return events;
}

function decide(past: ConversationEvent[], command: ConversationCommand, context = aContext()) {
  return specification(conversation, context).given(past).when(command);
}

function types(outcome: ReturnType<typeof decide>): readonly string[] | string {
  return 'events' in outcome ? outcome.events.map((event) => event.type) : outcome.refused;
}

const opened = history([aRecord(), aContext()]);
const withMessage = history([aRecord(), aContext()], [aMessageCommand(), aContext()]);
const removed = history([aRecord(), aContext()], [REMOVE, aContext()]);

describe('recording a conversation', () => {
  it('opens it, with its messages in the order of the record', () => {
    const messages = [aMessage(), aMessage({ message_id: 'msg_002' })];
    const outcome = decide([], aRecord({ messages }));
    expect(types(outcome)).toEqual(['ConversationOpened', 'MessageRecorded', 'MessageRecorded']);
    expect(outcome).toMatchObject({
      events: [{}, { data: { ordinal: 0 } }, { data: { ordinal: 1 } }],
    });
  });

  it('changes nothing when the same is sent again', () => {
    expect(decide(opened, aRecord(), aContext({ now: NOON + 5 }))).toEqual({ events: [] });
  });

  it('keeps what a later call does not send, and replaces what it sends', () => {
    const header = { timestamp: '2026-01-15T10:30:00Z', csat_score: 4.5 };
    const outcome = decide(opened, aRecord({ header }));
    expect(outcome).toMatchObject({
      events: [{ type: 'ConversationRevised', data: { header: aHeader({ csat_score: 4.5 }) } }],
    });
  });

  it('replaces a header whole when a file brings it', () => {
    const scored = history([aRecord({ header: aHeader({ csat_score: 4.5 }) }), anS3Context(0)]);
    const outcome = decide(scored, aRecord({ mode: 'replace' }), anS3Context(1));
    expect(outcome).toMatchObject({
      events: [{ type: 'ConversationRevised', data: { header: aHeader() } }],
    });
  });

  it('never deletes a message by its absence from a later record', () => {
    const outcome = decide(withMessage, aRecord({ mode: 'replace', messages: [] }), anS3Context(9));
    expect(types(outcome)).toEqual(['RecordConfirmed']);
  });

  it('refuses to grow a header beyond what one record may hold', () => {
    const large = history([aRecord({ header: aHeader({ a: 'x'.repeat(600_000) }) }), aContext()]);
    const outcome = decide(large, aRecord({ header: aHeader({ b: 'y'.repeat(600_000) }) }));
    expect(types(outcome)).toBe('too_large');
  });

  it('reassigns it when the upload API names another agent', () => {
    const outcome = decide(opened, aRecord({ agent_id: 'support_bot_01' }));
    expect(outcome).toMatchObject({
      events: [
        {
          type: 'ConversationReassigned',
          data: { agent_id: 'support_bot_01', previous_agent_id: 'support_bot' },
        },
      ],
    });
  });

  it('is refused after the deletion', () => {
    expect(types(decide(removed, aRecord()))).toBe('conversation_deleted');
  });

  it('refuses two different messages under one id, and counts equal ones once', () => {
    const twice = [aMessage(), aMessage({ content: 'other' })];
    expect(types(decide([], aRecord({ messages: twice })))).toBe('duplicate_key');
    const equal = [aMessage(), aMessage()];
    expect(types(decide([], aRecord({ messages: equal })))).toEqual([
      'ConversationOpened',
      'MessageRecorded',
    ]);
  });
});

describe('a record of which something was masked', () => {
  const record = aRecord({
    mode: 'replace',
    messages: [aMessage(), aMessage({ message_id: 'b' })],
  });
  const sentHashes = new Map([
    [record.data.header, 'hash of the sent header'],
    [record.data.messages[0]!, 'hash of the sent message'],
  ]);

  it('keeps a keyed digest of the hash of what was sent beside the hash of what is stored', () => {
    const outcome = decide([], record, aContext({ sentHashes }));
    const hashes = 'events' in outcome ? outcome.events.map((event) => event.data) : [];
    expect(hashes).toMatchObject([
      {
        sent_hash: 'digest of ["sent","hash of the sent header"]',
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      {
        sent_hash: 'digest of ["sent","hash of the sent message"]',
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      { hash: expect.any(String) },
    ]);
    expect(hashes[2]).not.toHaveProperty('sent_hash');
  });

  it('has no such hash of a header that is merged with what was there', () => {
    const { header } = aRecord({ header: aHeader({ mood: '[email]' }) }).data;
    const merged = aContext({ now: NOON + 5, sentHashes: new Map([[header, 'hash']]) });
    const whole = decide(opened, aRecord({ header }), merged);
    expect(whole).toMatchObject({ events: [{ data: { sent_hash: 'digest of ["sent","hash"]' } }] });
    const scored = history([aRecord({ header: aHeader({ csat_score: 4.5 }) }), aContext()]);
    const [event] = (decide(scored, aRecord({ header }), merged) as { events: object[] }).events;
    expect(event).not.toHaveProperty('data.sent_hash');
  });

  it('is identical where what is left of it is', () => {
    const first = history([record, aContext({ sentHashes })]);
    expect(decide(first, record, aContext({ now: NOON + 5 }))).toEqual({ events: [] });
  });
});

describe('an s3 record', () => {
  const record = aRecord({ mode: 'replace', messages: [aMessage()] });
  const other = aRecord({ mode: 'replace', messages: [aMessage({ content: 'older' })] });
  const imported = history([record, anS3Context(10)]);

  it('supersedes nothing when it is earlier: the earlier message is known, not served', () => {
    expect(types(decide(imported, other, anS3Context(5)))).toEqual(['MessageSuperseded']);
  });

  it('confirms what it repeats, so that an older object that comes late cannot win', () => {
    const confirmed = history([record, anS3Context(10)], [record, anS3Context(20)]);
    expect(confirmed.at(-1)).toMatchObject({
      type: 'RecordConfirmed',
      data: { isHeaderConfirmed: true, messages: [{ message_id: 'msg_001', ordinal: 0 }] },
    });
    expect(types(decide(confirmed, other, anS3Context(15)))).toEqual(['MessageSuperseded']);
  });

  it('changes nothing when an earlier object repeats what is served', () => {
    expect(decide(imported, record, anS3Context(5))).toEqual({ events: [] });
  });

  it('gives way to a call of the API, which is later whatever its clock', () => {
    const future = history([record, anS3Context(3600)]);
    const outcome = decide(future, aMessageCommand({ content: 'corrected' }));
    expect(types(outcome)).toEqual(['MessageRevised']);
  });
});

describe('recording a message', () => {
  it('records it', () => {
    expect(types(decide(opened, aMessageCommand()))).toEqual(['MessageRecorded']);
  });

  it('revises it in place when its content differs', () => {
    const outcome = decide(withMessage, aMessageCommand({ content: 'Hello again' }));
    expect(types(outcome)).toEqual(['MessageRevised']);
  });

  it('changes nothing when the same is sent again', () => {
    expect(decide(withMessage, aMessageCommand())).toEqual({ events: [] });
  });

  it('is refused for a conversation that is not there', () => {
    expect(types(decide([], aMessageCommand()))).toBe('conversation_not_found');
  });

  it('is refused after the deletion', () => {
    expect(types(decide(removed, aMessageCommand()))).toBe('conversation_deleted');
  });

  it('is confirmed by a later s3 object, as in a whole record', () => {
    const sent = history([aRecord(), anS3Context(1)], [aMessageCommand(), anS3Context(1)]);
    expect(types(decide(sent, aMessageCommand(), anS3Context(3)))).toEqual(['RecordConfirmed']);
  });

  it('does not overwrite what came after it where it waited', () => {
    const waited = aContext({ door: 'kafka', version: '000000000000000001' });
    const outcome = decide(withMessage, aMessageCommand({ content: 'early' }), waited);
    expect(types(outcome)).toEqual(['MessageSuperseded']);
  });
});

describe('deleting a conversation', () => {
  it('names keyed digests of every identity that it had', () => {
    const moved = history([aRecord(), aContext()], [aRecord({ agent_id: 'b' }), aContext()]);
    const outcome = decide(moved, REMOVE);
    expect(types(outcome)).toEqual(['ConversationDeleted']);
    const digests =
      'events' in outcome && outcome.events[0]?.type === 'ConversationDeleted'
        ? outcome.events[0].data.digests
        : [];
    expect(digests).toHaveLength(4);
    expect(digests.filter((digest) => /support_bot|"b"/.test(digest))).toHaveLength(2);
  });

  it('is refused where there is none, or none any more', () => {
    expect(types(decide([], REMOVE))).toBe('conversation_not_found');
    expect(types(decide(removed, REMOVE))).toBe('conversation_not_found');
  });
});
