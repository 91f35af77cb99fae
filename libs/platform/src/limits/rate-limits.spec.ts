import { describe, expect, it } from '@jest/globals';
import { RateLimits } from './rate-limits.js';

describe('rate limits', () => {
  it('refuse a key that has used its points, say when to come again, and leave other keys alone', async () => {
    const limits = new RateLimits({ points: 2, perSeconds: 60 });
    await limits.take('a');
    expect(await limits.take('a')).toEqual({ isAllowed: true });
    const refusal = await limits.take('a');
    expect(refusal).toMatchObject({ isAllowed: false });
    expect('retryAfterSeconds' in refusal && refusal.retryAfterSeconds).toBeGreaterThan(0);
    expect(await limits.take('b')).toEqual({ isAllowed: true });
  });
});
