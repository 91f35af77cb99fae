import { describe, expect, it } from '@jest/globals';
import { findCards } from './card.detector.js';
import { type Detector, LookedAt } from './detector.js';
import { findEmails } from './email.detector.js';
import { patternDetector, patternProblem } from './pattern.detector.js';
import { phoneDetector } from './phone.detector.js';

const found = (detect: Detector, text: string) =>
  detect(new LookedAt(text)).map(({ start, end }) => text.slice(start, end));

/** Half a megabyte of a text, over and over. */
const flood = (text: string) => text.repeat(Math.ceil(500_000 / text.length));

describe('e-mail addresses', () => {
  it.each([
    ['write to a.b+c@example.co.uk please', ['a.b+c@example.co.uk']],
    ['a@b.co,c@d.org; <e@f.de>', ['a@b.co', 'c@d.org', 'e@f.de']],
    ['jürgen.groß@exämple.de, 用户@例子.公司', ['jürgen.groß@exämple.de', '用户@例子.公司']],
    ['x@xn--80ak6aa92e.xn--p1ai.', ['x@xn--80ak6aa92e.xn--p1ai']],
    ['"john doe"@example.com', ['"john doe"@example.com']],
    ['https://x.com/?mail=john%40example.com&a=1', ['john%40example.com']],
    ['mailto:a@b.com?subject=1', ['a@b.com']],
    ['{"email":"a@b.com"}', ['a@b.com']],
    ['🙂a@b.com🙂', ['a@b.com']],
    ['user@localhost, @john, a@, 5@7.5, @@@', []],
    ['no sign in here', []],
  ])('are found in %s', (text, expected) => {
    expect(found(findEmails, text)).toEqual(expected);
  });
});

describe('card numbers', () => {
  it.each([
    ['card 4111 1111 1111 1111 ok', ['4111 1111 1111 1111']],
    ['4111111111111111', ['4111111111111111']],
    ['card4111-1111-1111-1111.', ['4111-1111-1111-1111']],
    ['amex 3782 822463 10005 12/26 123', ['3782 822463 10005']],
    ['5555 5555 5555 4444 4012 8888 8888 1881', ['5555 5555 5555 4444', '4012 8888 8888 1881']],
    ['order 1 4111111111111111', ['4111111111111111']],
    ['4111111111111112 and 1234567812345670', []],
    ['digest a4111111111111111b, uuid 0190f8a0-4111-1111-1111-1111abcdef00', []],
    ['41111111111111114111111111111111', []],
  ])('are found in %s', (text, expected) => {
    expect(found(findCards, text)).toEqual(expected);
  });
});

describe('phone numbers', () => {
  it.each([
    ['call +1 (212) 555-0123 now', ['+1 (212) 555-0123']],
    ['+49 30 901820 or +442071838750', ['+49 30 901820', '+442071838750']],
    ['+1-555-123-4567', ['+1-555-123-4567']],
    ['tel 0049 30 901820', ['0049 30 901820']],
    [
      '415-555-2671, (415) 555-2671, 415.555.2671',
      ['415-555-2671', '(415) 555-2671', '415.555.2671'],
    ],
    ['+49 30 901820 2024 01 15', ['+49 30 901820 2024']],
    ['+14155552671 (415) 555-2672', ['+14155552671', '(415) 555-2672']],
    ['+49 30 901820 415-555-2672 1', ['+49 30 901820', '415-555-2672']],
    ['+49 30 901820 2024 01 15 415 555 2672', ['+49 30 901820 2024', '415 555 2672']],
    ['order 4155550123 of 2024-01-15 10:30', []],
    ['192.168.100.200, 0190f8a0-0000-7000-8000-000000000001', []],
  ])('are found in %s', (text, expected) => {
    expect(found(phoneDetector(), text)).toEqual(expected);
  });

  it('are found as they are dialled in a region', () => {
    const german = phoneDetector('DE');
    expect(found(german, 'Tel. 030 901820, am 2024-01-15 und 15.01.2024')).toEqual(['030 901820']);
    expect(found(german, '+49 30 901820 030 9018210')).toEqual(['+49 30 901820', '030 9018210']);
    expect(found(phoneDetector('US'), 'call 4155552671')).toEqual(['4155552671']);
    expect(found(phoneDetector(), 'Tel. 030 901820')).toEqual([]);
  });
});

describe('a pattern of the tenant’s own', () => {
  it('finds every match, and none of no length', () => {
    expect(found(patternDetector('EMP-\\d{6}'), '🙂 EMP-123456, EMP-654321')).toEqual([
      'EMP-123456',
      'EMP-654321',
    ]);
    expect(found(patternDetector('\\b'), 'two words')).toEqual([]);
  });

  it('takes a text with more matches than it counts as a whole', () => {
    expect(patternDetector('x')(new LookedAt('xy'.repeat(200)))).toEqual([{ start: 0, end: 400 }]);
  });

  it.each([
    ['(?<=a)b', 'is no regular expression in the syntax of RE2'],
    ['(a)\\1', 'is no regular expression in the syntax of RE2'],
    ['(x{1000}){1000}', 'is no regular expression in the syntax of RE2'],
    ['a*', 'matches where there is nothing'],
    ['(a+)+$', null],
  ])('%s: %s', (pattern, expected) => {
    expect(patternProblem(pattern)).toBe(expected);
  });
});

describe('a text made to be slow', () => {
  it.each([
    ['a'],
    ['@'],
    ['a@'],
    ['a@b.'],
    ['%40'],
    ['"@'],
    ['1'],
    ['1 '],
    ['4111 '],
    ['+1 '],
    ['+4 9 3 0 9 0 1 8 2 0 1 2 3 4 5 6 7;'],
    ['1-'],
    ['a1'],
    ['(123'],
  ])('of %s is done within the time of a test', (text) => {
    const slow = patternDetector('(a+)+b');
    const detectors = [findEmails, findCards, phoneDetector(), phoneDetector('DE'), slow];
    const spans = detectors.map((detect) => detect(new LookedAt(flood(text))));
    expect(spans.every((one) => Array.isArray(one))).toBe(true);
  });
});
