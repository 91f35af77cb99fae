import 'reflect-metadata';
import { createIngestion } from '@parley/ingestion';
import { type Bus } from '@parley/messaging';
import { createLogger, runService } from '@parley/platform';
import { openInstallation } from '@parley/tenancy';
import { readConfig } from './config.js';

/** The planted bug: the bus is told that a chunk is dealt with before anything of it is written. */
function committingEarly(bus: Bus): Bus {
  const consume: Bus['consume'] = (options) =>
    bus.consume({
      ...options,
      handler: (chunk, signal) => {
        setTimeout(() => void options.handler(chunk, signal).catch(() => undefined), 100);
        return Promise.resolve();
      },
    });
  return Object.create(bus, { consume: { value: consume } }) as Bus;
}

const config = readConfig();
const logger = createLogger({ service: 'ingestion', level: 'fatal' });
const installation = await openInstallation(config, { name: 'ingestion', logger });
const onFailure = () => process.exit(1);
const app = await createIngestion({
  ...installation,
  bus: committingEarly(installation.bus),
  logger,
  onFailure,
});
await app.listen({ port: config.PORT, host: '127.0.0.1' });
runService([app, installation], { logger });
