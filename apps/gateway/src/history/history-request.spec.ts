import { describe, expect, it } from '@jest/globals';
import { HttpProblem } from '../errors/http-problem.js';
import { diffRequestOf, readRequestOf } from './history-request.js';

function refusal(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error instanceof HttpProblem ? error.body : error;
  }
}

describe('a moment of the log', () => {
  it.each([
    ['0', { position: 0 }],
    ['123456789012345', { position: 123_456_789_012_345 }],
    ['2024-01-15T10:30:00.000001Z', { micros: 1_705_314_600_000_001n }],
    ['2024-01-15T11:30:00+01:00', { micros: 1_705_314_600_000_000n }],
  ])('is %s', (as_of, asOf) => {
    expect(readRequestOf({ as_of })).toEqual({ agent: null, asOf });
  });

  it.each([
    '',
    '-1',
    '1.5',
    '1e3',
    '0x1',
    '2024-01-15',
    '2024-01-15T10:30:00',
    'now',
    '1'.repeat(16),
  ])('is not %j', (as_of) => {
    expect(refusal(() => readRequestOf({ as_of }))).toMatchObject({
      detail: [{ loc: ['query', 'as_of'], type: 'bad_timestamp' }],
    });
  });
});

describe('a diff', () => {
  it('goes from the first event to the last unless told otherwise', () => {
    const all = { agent: null, from: { position: 0 }, to: null, limit: 500 };

    expect(diffRequestOf({})).toEqual(all);
    expect(diffRequestOf({ agent_id: 'a', from: '3', to: '9', limit: '1000' })).toEqual({
      agent: 'a',
      from: { position: 3 },
      to: { position: 9 },
      limit: 1000,
    });
  });

  it.each([
    [{ limit: '0' }, 'limit'],
    [{ limit: '1001' }, 'limit'],
    [{ form: '1' }, 'form'],
    [{ to: ['1', '2'] }, 'to'],
    [{ agent: 'a', agent_id: 'b' }, 'agent_id'],
  ])('is not %j', (query, name) => {
    expect(refusal(() => diffRequestOf(query))).toMatchObject({
      detail: [{ loc: ['query', name] }],
    });
  });
});
