import { createLogger, runService } from '../src/index.js';

/** A process for the tests of `runService`: its first argument says how its app behaves. */
const [mode] = process.argv.slice(2);
const logger = createLogger({ service: 'stoppable' });
const keepAlive = setInterval(() => undefined, 1_000);

const close = async (): Promise<void> => {
  if (mode === 'hangs') await new Promise(() => undefined);
  logger.info('closed');
  clearInterval(keepAlive);
};

const drainMs = mode === 'drains' ? 200 : 0;
runService({ close }, { logger, drainMs, stopWithinMs: 300 });
process.on('SIGTERM', () => {
  setTimeout(() => logger.info('still serving'), 50);
});
logger.info('started');
if (mode === 'rejects') void Promise.reject(new Error('nobody waits for this'));
