import { describe, expect, it } from '@jest/globals';
import { byLetters, parseSearch } from './search-query.js';

const all = (...terms: readonly string[]) => ({ all: terms, none: [] });

describe('what somebody has typed', () => {
  it.each([
    ['Late Refund?', [all('late', 'refund')]],
    ['"out of stock" order', [all('out of stock', 'order')]],
    ['order -refund -"next day"', [{ all: ['order'], none: ['refund', 'next day'] }]],
    ['a OR b c', [all('a'), all('b', 'c')]],
    ['"this or that"', [all('this or that')]],
    ['"never closed', [all('never closed')]],
    ['jane.m@example.com, conv_042', [all('jane.m@example.com', 'conv_042')]],
    ['ﾊﾟｽﾜｰﾄﾞ Ⅷ', [all('パスワード', 'viii')]],
    [`'; DROP TABLE texts; --`, [all('drop', 'table', 'texts')]],
  ])('%j is read as words, phrases and alternatives', (typed, alternatives) => {
    expect(parseSearch(typed)?.alternatives).toEqual(alternatives);
  });

  it.each(['', '  ', '-refund', 'order or -refund', 'or', '"', '!?', '👍'])(
    '%j names nothing to look for',
    (typed) => {
      expect(parseSearch(typed)).toBeNull();
    },
  );

  it('is looked for by its letters unless it is short where letters are no words', () => {
    const letters = (typed: string) => byLetters(parseSearch(typed)!);

    expect(letters('ok or refund or 金')).toEqual([all('refund'), all('金')]);
    expect(letters('ok refund')).toEqual([all('ok', 'refund')]);
  });
});
