import { type Attempt } from './journal.js';

/** What a fault may add to the 99th percentile of those whom it does not concern. */
export const MAX_DELAY_MS = 1_000;

/** Milliseconds within which this share of the requests that were answered 200 had their answer; 0 where there were none. */
function answeredWithinMs(attempts: readonly Attempt[], share: number): number {
  const times = attempts
    .filter(({ status }) => status === 200)
    .map(({ startedMs, endedMs }) => endedMs - startedMs)
    .sort((a, b) => a - b);
  return Math.round(times[Math.floor((times.length - 1) * share)] ?? 0);
}

/** The 99th percentile before a moment and after it, and by how much it grew, in milliseconds. */
export function delayAfter(attempts: readonly Attempt[], moment: number) {
  const before = attempts.filter(({ startedMs }) => startedMs < moment);
  const after = attempts.filter(({ startedMs }) => startedMs >= moment);
  const p99_before_ms = answeredWithinMs(before, 0.99);
  const p99_ms = answeredWithinMs(after, 0.99);
  return { p99_before_ms, p99_ms, delay_ms: p99_ms - p99_before_ms };
}
