import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.js';

describe('backoff', () => {
  it('doubles its bound with every attempt up to the longest pause', () => {
    const longest = [1, 2, 3, 20].map((attempt) => backoffMs(attempt, { random: () => 0.999999 }));
    expect(longest).toEqual([199, 399, 799, 29_999]);
  });

  it('starts anywhere below its bound', () => {
    expect(backoffMs(5, { random: () => 0 })).toBe(0);
  });
});
