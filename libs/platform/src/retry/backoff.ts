/** `baseMs` bounds the first pause, `maxMs` every pause; `random` answers 0 ≤ x < 1. */
export interface BackoffOptions {
  readonly baseMs?: number;
  readonly maxMs?: number;
  readonly random?: () => number;
}

/** Milliseconds to wait before try `attempt` + 1 (attempts count from 1): exponential, from 0.2 s to 30 s, with full jitter. */
export function backoffMs(
  attempt: number,
  { baseMs = 200, maxMs = 30_000, random = Math.random }: BackoffOptions = {},
): number {
  return Math.floor(random() * Math.min(maxMs, baseMs * 2 ** (attempt - 1)));
}
