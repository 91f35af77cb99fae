import { describe, expect, it } from '@jest/globals';
import { aMessageCommand, aRecord } from './conversation.fixtures.js';
import { type Candidate, deletedTexts, findConversation, identityTexts } from './identity.js';

function candidate(agent_id: string, other: Partial<Candidate> = {}): Candidate {
  return { agent_id, is_api_written: true, has_other_door: false, api_position: 1, ...other };
}

const unnamed = aMessageCommand();

describe('finding the conversation that a command means', () => {
  it('takes the exact agent where one is named', () => {
    const candidates = [candidate('a', { api_position: 9 }), candidate('support_bot')];
    expect(findConversation(candidates, aRecord(), 's3')?.agent_id).toBe('support_bot');
  });

  it('moves the one that the API last wrote when the API names a new agent', () => {
    const candidates = [candidate('a', { api_position: 3 }), candidate('b', { api_position: 7 })];
    expect(findConversation(candidates, aRecord(), 'http')?.agent_id).toBe('b');
  });

  it('never moves a conversation that another door has written to, nor for another door', () => {
    const foreign = [candidate('a', { has_other_door: true })];
    expect(findConversation(foreign, aRecord(), 'http')).toBeNull();
    expect(findConversation([candidate('a')], aRecord(), 's3')).toBeNull();
  });

  it('takes the one that the API last wrote where no agent is named, else the only one', () => {
    const foreign = candidate('a', { api_position: null });
    expect(findConversation([foreign, candidate('b')], unnamed, 'http')?.agent_id).toBe('b');
    expect(findConversation([foreign], unnamed, 'http')?.agent_id).toBe('a');
    expect(findConversation([], unnamed, 'http')).toBeNull();
  });

  it('refuses where several fit and none is the API’s', () => {
    const foreign = ['a', 'b'].map((agent) => candidate(agent, { api_position: null }));
    expect(() => findConversation(foreign, unnamed, 'http')).toThrow(
      expect.objectContaining({ code: 'ambiguous_conversation' }),
    );
  });
});

describe('telling that a command speaks of a deleted conversation', () => {
  const deleted = identityTexts({
    agent_id: 'b',
    conversation_id: 'conv_001',
    header: { timestamp: '2026-01-15T10:30:00Z' },
    content_hash: '',
    sent_hash: null,
    version: '',
    is_api_written: true,
    has_other_door: false,
    former_agents: ['a'],
  });
  const speaksOf = (texts: readonly string[]) => texts.some((text) => deleted.includes(text));

  it('knows each of its agents, and the id alone where the API wrote it', () => {
    expect(speaksOf(deletedTexts(aRecord({ agent_id: 'a' }), 's3'))).toBe(true);
    expect(speaksOf(deletedTexts(aRecord({ agent_id: 'b' }), 's3'))).toBe(true);
    expect(speaksOf(deletedTexts(unnamed, 'http'))).toBe(true);
    expect(speaksOf(deletedTexts(aRecord({ agent_id: 'c' }), 'http'))).toBe(true);
  });

  it('leaves another agent’s conversation of the same id alone at the other doors', () => {
    expect(speaksOf(deletedTexts(aRecord({ agent_id: 'c' }), 's3'))).toBe(false);
  });
});
