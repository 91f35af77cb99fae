import { type FollowerLease, type LogFollower } from './log-followers.js';

/**
 * Deals with what comes after a position and takes note of how far it got; answers that, the same position where there
 * is nothing more, or null where another process has taken over.
 */
export type FollowerStep = (lease: FollowerLease, position: number) => Promise<number | null>;

/**
 * Works through a log from where its follower is, until `signal` fires or the end is reached; answers whether it was,
 * false while another process is at it.
 */
export async function followLog(
  follower: LogFollower,
  step: FollowerStep,
  signal: AbortSignal,
): Promise<boolean> {
  const lease = await follower.take();
  if (!lease) return false;
  try {
    let { position } = lease;
    while (!signal.aborted) {
      const next = await step(lease, position);
      if (next === null) return false;
      if (next === position) return true;
      position = next;
    }
    return false;
  } finally {
    // Otherwise the next one would have to wait until it runs out.
    await follower.release(lease).catch(() => undefined);
  }
}
