import { join } from 'node:path';

/** Environment variable with the folder through which harness and stop points talk. */
export const STOP_FOLDER = 'PROVE_STOP_FOLDER';

/** Where a service looks whether it is to stop at a point; null where nobody ever asks for it. */
export function stopFolder(): string | null {
  return process.env[STOP_FOLDER] ?? null;
}

/** Files of one point: asks to stop, says who stopped, says what became of it. */
export function stopFiles(folder: string, point: string) {
  return {
    asked: join(folder, `${point}.asked`),
    stopped: join(folder, `${point}.stopped`),
    ended: join(folder, `${point}.ended`),
  };
}

/** Environment variable with the milliseconds by which a process' clock is wrong. */
export const CLOCK_SKEW = 'PROVE_CLOCK_SKEW_MS';

/** By how much the clock of this process is wrong; 0 where nobody says so. */
export function clockSkewMs(): number {
  return Number(process.env[CLOCK_SKEW] ?? 0);
}
