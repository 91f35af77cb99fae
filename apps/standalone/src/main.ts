import 'reflect-metadata';
import { createLogger, runService } from '@parley/platform';
import { readConfig } from './config.js';
import { startStandalone } from './standalone.js';

const config = readConfig();
const logger = createLogger({ service: 'standalone', level: config.LOG_LEVEL });
const standalone = await startStandalone(config, logger, (error) => {
  logger.fatal({ err: error }, 'consuming has died');
  stop(1);
}).catch((error: Error) => {
  process.stderr.write(`Parley can't start: ${error.message}\n`);
  process.exit(1);
});
const stop = runService(standalone, { logger });

const address = await standalone.gateway.getUrl();
process.stdout.write(`Parley is ready at ${address}/api, its documentation at ${address}/docs\n`);
if (standalone.key) {
  process.stdout.write(`API key of tenant demo, shown only now: ${standalone.key}\n`);
}
