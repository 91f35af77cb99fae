import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';

describe('eventually', () => {
  it('answers the first result that is neither thrown nor false', async () => {
    let tries = 0;
    const result = await eventually(
      () => {
        tries += 1;
        if (tries === 1) throw new Error('not yet');
        return tries < 3 ? false : `after ${tries}`;
      },
      { intervalMs: 1 },
    );
    expect(result).toBe('after 3');
  });

  it('throws the last failure once its time is over', async () => {
    const never = () => Promise.reject(new Error('still empty'));
    await expect(eventually(never, { timeoutMs: 5, intervalMs: 1 })).rejects.toThrow('still empty');
  });
});
