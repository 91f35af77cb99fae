import { setTimeout as delay } from 'node:timers/promises';

/** Answers when the part works, throws (or takes longer than 2 s) when it does not. */
export type HealthCheck = () => Promise<unknown>;

const CHECK_WITHIN_MS = 2_000;

/** Whether a service can take work: no check fails and it is not about to stop. */
export class Readiness {
  private draining = false;

  constructor(private readonly checks: Readonly<Record<string, HealthCheck>>) {}

  /** From now on not ready: the service is about to stop. */
  drain(): void {
    this.draining = true;
  }

  /** Whether the service is about to stop. */
  get isDraining(): boolean {
    return this.draining;
  }

  /** The names of what keeps the service from being ready; empty when it is. */
  async failing(): Promise<string[]> {
    return [...(this.isDraining ? ['draining'] : []), ...(await failingOf(this.checks))];
  }
}

/** Whether a process is beyond help: a check fails that nothing but a new start will mend. */
export class Liveness {
  constructor(private readonly checks: Readonly<Record<string, HealthCheck>>) {}

  /** The names of what hangs; empty when nothing does. */
  failing(): Promise<string[]> {
    return failingOf(this.checks);
  }
}

async function failingOf(checks: Readonly<Record<string, HealthCheck>>): Promise<string[]> {
  const names = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => ((await passes(check)) ? [] : [name])),
  );
  return names.flat();
}

async function passes(check: HealthCheck): Promise<boolean> {
  const clock = new AbortController();
  try {
    const late = delay(CHECK_WITHIN_MS, false, { signal: clock.signal }).catch(() => false);
    return await Promise.race([Promise.resolve(check()).then(() => true), late]);
  } catch {
    return false;
  } finally {
    clock.abort();
  }
}
