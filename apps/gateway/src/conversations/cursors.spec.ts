import { describe, expect, it } from '@jest/globals';
import { Cursors } from './cursors.js';

const cursors = new Cursors(Buffer.from('a signing key'));

describe('page cursors', () => {
  it('open for the scope they were made for', () => {
    expect(cursors.open('t_1', cursors.seal('t_1', ['2024', 'id']))).toEqual(['2024', 'id']);
  });

  it('do not open for another tenant or other filters', () => {
    expect(cursors.open('t_2', cursors.seal('t_1', ['2024', 'id']))).toBeNull();
  });

  it.each(['', '.', 'x', 'e30.e30', 'WyJhIl0.', `${'a'.repeat(5_000)}.b`])(
    'do not open when they were not made here: %j',
    (forged) => {
      expect(cursors.open('t_1', forged)).toBeNull();
    },
  );

  it('do not open under another key', () => {
    expect(
      new Cursors(Buffer.from('another key')).open('t_1', cursors.seal('t_1', ['x'])),
    ).toBeNull();
  });
});
