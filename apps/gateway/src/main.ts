import 'reflect-metadata';
import { createLogger, runService } from '@parley/platform';
import { Credentials, openInstallation } from '@parley/tenancy';
import { readConfig } from './config.js';
import { createGateway } from './gateway.js';

const config = readConfig();
const logger = createLogger({ service: 'gateway', level: config.LOG_LEVEL });
const installation = await openInstallation(config, { name: 'gateway', logger });
const app = await createGateway({
  ...installation,
  config,
  logger,
  credentials: new Credentials(installation.control),
});
await app.listen({ port: config.PORT, host: config.HOST });
logger.info({ address: await app.getUrl() }, 'listening');
runService([app, installation], { logger, drainMs: config.DRAIN_MS });
