import { expect, it, jest } from '@jest/globals';
import { warnSeldom } from './warn-seldom.js';

it('what is tried again and again is warned of once a minute, each thing and tenant by itself', () => {
  const clock = jest.spyOn(performance, 'now').mockReturnValue(5);
  const lines: unknown[] = [];
  const write = (fields: unknown, message?: string) => void lines.push([fields, message]);
  const warn = warnSeldom({ warn: write });
  const [a, b] = [{ tenant: 'a' }, { tenant: 'b' }];
  for (const tenant of [a, b, a]) warn(tenant, 'parked');
  for (const tenant of [a, a, {}]) warn(tenant, 'waits');
  const first = [
    [a, 'parked'],
    [b, 'parked'],
    [a, 'waits'],
    [{}, 'waits'],
  ];
  expect(lines).toEqual(first);
  clock.mockReturnValue(60_004);
  warn(a, 'parked');
  clock.mockReturnValue(60_005);
  warn(a, 'parked');
  expect(lines).toEqual([...first, [a, 'parked']]);
  clock.mockRestore();
});
