import { gatewayConfig } from '@parley/gateway';
import { ingestionConfig } from '@parley/ingestion';
import { loadConfig } from '@parley/platform';
import { installationSettings, listenSettings } from '@parley/tenancy';
import { type z } from 'zod';

const settings = installationSettings.partial({ DATABASE_URL: true }).extend({
  ...gatewayConfig.shape,
  ...ingestionConfig.shape,
  ...listenSettings(3000),
  LOG_LEVEL: installationSettings.shape.LOG_LEVEL.default('warn'),
});

/** The settings of all services in one process, from the environment; all have defaults. */
export type StandaloneConfig = z.output<typeof settings>;

/** Reads them once, all problems reported together. */
export function readConfig(): StandaloneConfig {
  return loadConfig(settings, process.env);
}
