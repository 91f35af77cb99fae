import { setTimeout as delay } from 'node:timers/promises';

/** How long `eventually` tries, and how often; milliseconds. */
export interface EventuallyOptions {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

/**
 * Tries `attempt` again while it throws or answers false, 5 s long every 20 ms by default, and answers its result.
 * Then throws what the last try threw.
 *
 * @example await eventually(async () => expect(await count()).toBe(3))
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  { timeoutMs = 5_000, intervalMs = 20 }: EventuallyOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      const result = await attempt();
      if (result !== false) return result;
      throw new Error(`not true within ${timeoutMs} ms`);
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await delay(intervalMs);
  }
}
