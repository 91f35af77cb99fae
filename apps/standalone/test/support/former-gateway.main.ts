import 'reflect-metadata';
import { readModels } from '@parley/domain';
import { createGateway, gatewayConfig } from '@parley/gateway';
import { createLogger, runService } from '@parley/platform';
import { Credentials, openInstallation } from '@parley/tenancy';
import { readConfig } from './config.js';

/** A gateway of the release before, which knows only the version of the read models before this one's. */
const config = readConfig();
const logger = createLogger({ service: 'gateway', level: 'fatal' });
const installation = await openInstallation(config, { name: 'gateway', logger });
const app = await createGateway({
  ...installation,
  config: { ...config, ...gatewayConfig.parse({}) },
  logger,
  credentials: new Credentials(installation.control),
  models: readModels.slice(1),
});
await app.listen({ port: config.PORT, host: '127.0.0.1' });
runService([app, installation], { logger });
