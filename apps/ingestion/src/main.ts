import 'reflect-metadata';
import { createLogger, runService } from '@parley/platform';
import { openInstallation } from '@parley/tenancy';
import { readConfig } from './config.js';
import { createIngestion } from './create-ingestion.js';

const config = readConfig();
const logger = createLogger({ service: 'ingestion', level: config.LOG_LEVEL });
const installation = await openInstallation(config, { name: 'ingestion', logger });
const app = await createIngestion({
  ...installation,
  logger,
  parkAfterMs: config.PARK_AFTER_MS,
  onFailure: (error) => {
    logger.fatal({ err: error }, 'consuming has died');
    stop(1);
  },
});
await app.listen({ port: config.PORT, host: config.HOST });
logger.info({ address: await app.getUrl() }, 'listening');
const stop = runService([app, installation], { logger });
