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

runService({ close }, { logger, stopWithinMs: 300 });
logger.info('started');
if (mode === 'rejects') void Promise.reject(new Error('nobody waits for this'));
