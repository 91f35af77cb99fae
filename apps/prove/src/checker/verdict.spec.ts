import { describe, expect, it } from '@jest/globals';
import { type Attempt } from '../load/journal.js';
import { type Recorded } from './recorded.js';
import { judge } from './verdict.js';

let clock = 0;

function sent(message: string, outcome: Attempt['outcome'], content = message): Attempt {
  const invoked = (clock += 1);
  const times = { invoked, ended: (clock += 1), startedMs: 0, endedMs: 0, isPolite: true };
  return { conversation: 'c', message, content, outcome, status: null, ...times };
}

function log(...messages: string[]): Recorded[] {
  return messages.map((message, index) => ({
    ...{ conversation: 'c', message, content: message, position: index + 1 },
  }));
}

describe('the verdict on a log', () => {
  it('finds nothing wrong where the log holds what was accepted, in order, and what may be there', () => {
    const attempts = [sent('a', 'ok'), sent('b', 'info'), sent('c', 'info'), sent('d', 'ok')];
    expect(judge(attempts, log('a', 'c', 'd'))).toEqual({
      ...{ acked: 2, info: 2, refused: 0, lost: 0, phantom: 0, dup: 0, ooo: 0, pairs: 2 },
    });
  });

  it('counts what was accepted and is not there as lost', () => {
    expect(judge([sent('a', 'ok'), sent('b', 'ok')], log('b'))).toMatchObject({ lost: 1 });
  });

  it('counts what nobody sent, what was refused and what has another content as phantoms', () => {
    const attempts = [sent('a', 'fail'), sent('b', 'ok', 'other')];
    expect(judge(attempts, log('a', 'b', 'x'))).toMatchObject({ phantom: 3, lost: 0 });
  });

  it('counts each repetition as a duplicate, but no revision that was sent', () => {
    const attempts = [sent('a', 'ok'), sent('a', 'ok', 'revised')];
    const revised = { ...log('a')[0]!, content: 'revised', position: 2 };
    expect(judge(attempts, [...log('a'), revised])).toMatchObject({ dup: 0, phantom: 0 });
    expect(judge(attempts, [...log('a'), revised, revised])).toMatchObject({ dup: 1 });
  });

  it('counts what stands before something that was answered before it was sent as out of order', () => {
    const attempts = [sent('a', 'ok'), sent('b', 'ok'), sent('c', 'ok')];
    expect(judge(attempts, log('a', 'c', 'b'))).toMatchObject({ ooo: 1 });
    expect(judge(attempts, log('b', 'c', 'a'))).toMatchObject({ ooo: 1 });
  });

  it('asks no order of requests that overlapped, or were never answered', () => {
    const first = { ...sent('a', 'ok'), ended: 1000 };
    expect(judge([first, sent('b', 'ok')], log('b', 'a'))).toMatchObject({ ooo: 0 });
    expect(judge([sent('a', 'info'), sent('b', 'ok')], log('b', 'a'))).toMatchObject({ ooo: 0 });
  });
});
