import { setTimeout as delay } from 'node:timers/promises';
import { Readiness } from '../health/readiness.js';
import { type Logger } from '../logging/logger.js';

/** What a service needs to be stopped: a Nest app, or anything that closes. */
export interface Stoppable {
  close(): Promise<unknown>;
  get?(token: typeof Readiness, options: { strict: false }): Readiness;
}

/**
 * `stopWithinMs`: after this long (25 s by default) the process ends with code 1, whatever still runs. `drainMs` (0 by
 * default) of it the apps go on serving, not ready any more: for what is on its way to them.
 */
export interface RunServiceOptions {
  readonly logger: Logger;
  readonly stopWithinMs?: number;
  readonly drainMs?: number;
}

/**
 * Ends the process as an orchestrator expects: on SIGTERM or SIGINT the apps turn not ready, are closed one after the
 * other, and the process exits with 0. Something thrown that nobody caught is logged and ends it with 1.
 *
 * Answers how to stop by other means, with the exit code; a second stop changes nothing.
 */
export function runService(
  apps: Stoppable | readonly Stoppable[],
  { logger, stopWithinMs = 25_000, drainMs = 0 }: RunServiceOptions,
): (exitCode?: number) => void {
  const all = 'close' in apps ? [apps] : apps;
  let isStopping = false;
  const stop = (exitCode = 0): void => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => {
      logger.fatal('not stopped in time');
      process.exit(1);
    }, stopWithinMs).unref();
    void closeAll(all, drainMs).then(
      () => process.exit(exitCode),
      (error: unknown) => {
        logger.fatal({ err: error }, 'could not stop');
        process.exit(1);
      },
    );
  };
  const fail = (error: unknown): void => {
    logger.fatal({ err: error }, 'nobody caught this');
    process.exit(1);
  };
  process.on('SIGTERM', () => stop()).on('SIGINT', () => stop());
  process.on('uncaughtException', fail).on('unhandledRejection', fail);
  return stop;
}

async function closeAll(apps: readonly Stoppable[], drainMs: number): Promise<void> {
  for (const app of apps) readinessOf(app)?.drain();
  await delay(drainMs);
  for (const app of apps) await app.close();
}

function readinessOf(app: Stoppable): Readiness | undefined {
  try {
    return app.get?.(Readiness, { strict: false });
  } catch {
    return undefined;
  }
}
