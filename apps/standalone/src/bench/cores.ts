import { cpus } from 'node:os';

/** How many cores' worth of time this process and everything else used, over an interval. */
export interface CoresUsed {
  readonly own: number;
  readonly others: number;
}

/** Starts an interval; the answered function ends it. */
export function measureCores(): () => CoresUsed {
  const own = process.cpuUsage();
  const all = busyMs();
  const start = performance.now();
  return () => {
    const wall = performance.now() - start;
    const { user, system } = process.cpuUsage(own);
    const ownMs = (user + system) / 1000;
    return { own: rounded(ownMs / wall), others: rounded((busyMs() - all - ownMs) / wall) };
  };
}

function busyMs(): number {
  return cpus().reduce(
    (sum, { times }) => sum + times.user + times.sys + times.nice + times.irq,
    0,
  );
}

function rounded(cores: number): number {
  return Math.max(0, Math.round(cores * 100) / 100);
}
