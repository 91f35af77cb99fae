import { describe, expect, it } from '@jest/globals';
import { MergingQueue } from './merging-queue.js';

/** A queue whose batches end when the test says so. */
function aQueue(maxWeight = 10) {
  const batches: string[][] = [];
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const queue = new MergingQueue<string>(maxWeight, (batch) => {
    batches.push([...batch]);
    return new Promise((resolve, reject) => ends.push({ resolve, reject }));
  });
  return { queue, batches, ends };
}

describe('a merging queue', () => {
  it('starts at once with the first item and merges what comes meanwhile', async () => {
    const { queue, batches, ends } = aQueue();
    const all = ['a', 'b', 'c'].map((item) => queue.push(item, 1));
    expect(batches).toEqual([['a']]);
    ends[0]?.resolve();
    await all[0];
    expect(batches).toEqual([['a'], ['b', 'c']]);
    ends[1]?.resolve();
    await Promise.all(all);
    expect(queue.isIdle).toBe(true);
  });

  it('bounds a batch by weight, but always takes one item', async () => {
    const { queue, batches, ends } = aQueue(3);
    const weights: [string, number][] = [
      ['first', 1],
      ['heavy', 9],
      ['b', 2],
      ['c', 2],
    ];
    const all = weights.map(([item, weight]) => queue.push(item, weight));
    for (let index = 0; index < weights.length; index += 1) {
      ends[index]?.resolve();
      await all[index];
    }
    expect(batches).toEqual([['first'], ['heavy'], ['b'], ['c']]);
  });

  it('tells each item of a failed batch, and goes on with the next', async () => {
    const { queue, ends } = aQueue();
    const failing = queue.push('a', 1);
    const following = queue.push('b', 1);
    ends[0]?.reject(new Error('the database is away'));
    await expect(failing).rejects.toThrow('the database is away');
    ends[1]?.resolve();
    await expect(following).resolves.toBeUndefined();
  });
});
