import { describe, expect, it } from '@jest/globals';
import { HeadWatch } from './head-watch.js';

const PACE = { firstMs: 1, lastMs: 4 };

describe('waiting for the head of a log', () => {
  it('ends at once where it is there already', async () => {
    const watch = new HeadWatch(() => Promise.resolve(7), PACE);

    expect(await watch.reach('t_1', 7, 0)).toBe(7);
  });

  it('ends for each who waits as soon as it is far enough', async () => {
    let head = 0;
    const watch = new HeadWatch(() => Promise.resolve((head += 1)), PACE);

    const [near, far] = await Promise.all([
      watch.reach('t_1', 5, 5_000),
      watch.reach('t_1', 20, 5_000),
    ]);

    expect(near).toBeLessThan(20);
    expect(far).toBeGreaterThanOrEqual(20);
  });

  it('is answered by null where it takes too long', async () => {
    const watch = new HeadWatch(() => Promise.resolve(1), PACE);

    expect(await watch.reach('t_1', 2, 10)).toBeNull();
  });

  it('of a hundred costs the queries of one poller, and none once nobody waits', async () => {
    let queries = 0;
    const readHead = () => Promise.resolve((queries += 1)).then(() => 0);
    const watch = new HeadWatch(readHead, { firstMs: 10, lastMs: 10 });

    await Promise.all(Array.from({ length: 100 }, () => watch.reach('t_1', 1, 100)));
    const polled = queries - 100;
    expect(polled).toBeLessThanOrEqual(10);

    await watch.reach('t_2', 1, 30);
    expect(queries - polled - 100).toBeLessThanOrEqual(6);
  });

  it('goes on after the database was away for a moment', async () => {
    const looks = [() => 0, () => Promise.reject<number>(new Error('away')), () => 3];
    const failures: unknown[] = [];
    const watch = new HeadWatch(
      async () => (looks.shift() ?? (() => 3))(),
      PACE,
      (error) => failures.push(error),
    );

    expect(await watch.reach('t_1', 3, 5_000)).toBe(3);
    expect(failures).toHaveLength(1);
  });
});
