import { describe, expect, it } from '@jest/globals';
import { HttpProblem } from '../errors/http-problem.js';
import { agentOf, listRequestOf } from './list-request.js';

function refusal(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error instanceof HttpProblem ? error.body : error;
  }
}

describe('the query of a list', () => {
  it('without parameters asks for the first 50 of all', () => {
    expect(listRequestOf({})).toEqual({ filter: {}, limit: 50, cursor: null });
  });

  it('takes agent_id for agent, and times to the microsecond', () => {
    const query = { agent_id: 'bot', from: '2024-01-15T11:30:00.1234569+01:00', limit: '200' };
    expect(listRequestOf(query)).toEqual({
      filter: { agent: 'bot', from: '2024-01-15T10:30:00.123456Z' },
      limit: 200,
      cursor: null,
    });
  });

  it.each([
    [{ limit: '0' }, 'limit', 'out_of_range'],
    [{ limit: '201' }, 'limit', 'out_of_range'],
    [{ limit: '1e2' }, 'limit', 'out_of_range'],
    [{ from: '2024-01-15' }, 'from', 'bad_timestamp'],
    [{ to: 'now' }, 'to', 'bad_timestamp'],
    [{ agent: '' }, 'agent', 'too_short'],
    [{ conversation_id: 'x'.repeat(201) }, 'conversation_id', 'too_long'],
    [{ sender_id: 'a\nb' }, 'sender_id', 'control_character'],
    [{ agent: ['a', 'b'] }, 'agent', 'wrong_type'],
    [{ agent: 'a', agent_id: 'a' }, 'agent_id', 'wrong_type'],
    [{ agnet: 'a' }, 'agnet', 'unknown_parameter'],
  ])('refuses %j', (query, name, type) => {
    expect(refusal(() => listRequestOf(query))).toMatchObject({
      detail: [{ loc: ['query', name], type }],
    });
  });

  it('names all that is wrong at once', () => {
    expect(refusal(() => listRequestOf({ limit: 'x', from: 'y' }))).toMatchObject({
      detail: [{ type: 'bad_timestamp' }, { type: 'out_of_range' }],
    });
  });
});

describe('the agent of a read', () => {
  it('goes by two names', () => {
    expect([agentOf({ agent: 'a' }), agentOf({ agent_id: 'b' }), agentOf({})]).toEqual([
      'a',
      'b',
      null,
    ]);
  });

  it('is the only parameter', () => {
    expect(refusal(() => agentOf({ limit: '1' }))).toMatchObject({
      detail: [{ type: 'unknown_parameter' }],
    });
  });
});
