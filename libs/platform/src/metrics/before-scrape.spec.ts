import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { beforeScrape, runScrapeHooks, type ScrapeHook } from './before-scrape.js';

describe('before a scrape', () => {
  const ends: (() => void)[] = [];
  const hooked = (hook: ScrapeHook) => void ends.push(beforeScrape(hook));

  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => {
    jest.useRealTimers();
    for (const end of ends.splice(0)) end();
  });

  it('what asked for it is brought up to date, until it asks no longer', async () => {
    let runs = 0;
    hooked(async () => void runs++);
    await runScrapeHooks();
    expect(runs).toBe(1);
    ends[0]?.();
    await runScrapeHooks();
    expect(runs).toBe(1);
  });

  it('what fails does not keep the others back', async () => {
    let runs = 0;
    hooked(() => Promise.reject(new Error('away')));
    hooked(async () => void runs++);
    await runScrapeHooks();
    expect(runs).toBe(1);
  });

  it('what takes too long is not waited for', async () => {
    hooked(() => new Promise(() => undefined));
    let isOver = false;
    const running = runScrapeHooks().then(() => (isOver = true));
    await jest.advanceTimersByTimeAsync(4_000);
    expect(isOver).toBe(false);
    await jest.advanceTimersByTimeAsync(1_000);
    await running;
  });
});
