import { expect, it, jest } from '@jest/globals';
import { warnSeldom } from './warn-seldom.js';

it('what is tried again and again is warned of once a minute, each thing by itself', () => {
  const clock = jest.spyOn(performance, 'now').mockReturnValue(5);
  const lines: string[] = [];
  const warn = warnSeldom({ warn: (_: unknown, message?: string) => void lines.push(message!) });
  for (const key of ['a', 'b', 'a']) warn({}, `${key} is away`, key);
  clock.mockReturnValue(60_004);
  warn({}, 'a is still away', 'a');
  clock.mockReturnValue(60_005);
  warn({}, 'a is away for a minute', 'a');
  expect(lines).toEqual(['a is away', 'b is away', 'a is away for a minute']);
  clock.mockRestore();
});
