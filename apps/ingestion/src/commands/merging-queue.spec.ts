import { describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { MergingQueue } from './merging-queue.js';

/** A queue whose batches end when the test says so. */
function aQueue(maxWeight = 10) {
  const batches: string[][] = [];
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const queue = new MergingQueue<string>(maxWeight, (batch) => {
    batches.push([...batch]);
    return new Promise((resolve, reject) => ends.push({ resolve, reject }));
  });
  const end = (index: number) => eventually(() => ends[index]!.resolve());
  return { queue, batches, ends, end };
}

describe('a merging queue', () => {
  it('starts at once with the first item and merges what comes meanwhile', async () => {
    const { queue, batches, end } = aQueue();
    const all = ['a', 'b', 'c'].map((item) => queue.push(item, 1));
    expect(batches).toEqual([['a']]);
    await end(0);
    await end(1);
    expect(batches).toEqual([['a'], ['b', 'c']]);
    await Promise.all(all);
    await eventually(() => queue.isIdle);
  });

  it('takes along what those who waited for a batch push next', async () => {
    const { queue, batches, end } = aQueue();
    const pushing = queue.push('a1', 1).then(() => queue.push('a2', 1));
    const other = queue.push('b', 1);
    await end(0);
    await end(1);
    expect(batches).toEqual([['a1'], ['b', 'a2']]);
    await Promise.all([pushing, other]);
  });

  it('bounds a batch by weight, but always takes one item', async () => {
    const { queue, batches, end } = aQueue(3);
    const weights: [string, number][] = [
      ['first', 1],
      ['heavy', 9],
      ['b', 2],
      ['c', 2],
    ];
    const all = weights.map(([item, weight]) => queue.push(item, weight));
    for (let index = 0; index < weights.length; index += 1) {
      await end(index);
      await all[index];
    }
    expect(batches).toEqual([['first'], ['heavy'], ['b'], ['c']]);
  });

  it('tells each item of a failed batch, and goes on with the next', async () => {
    const { queue, ends, end } = aQueue();
    const failing = queue.push('a', 1);
    const following = queue.push('b', 1);
    ends[0]?.reject(new Error('the database is away'));
    await expect(failing).rejects.toThrow('the database is away');
    await end(1);
    await expect(following).resolves.toBeUndefined();
  });
});
