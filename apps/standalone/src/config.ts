import { gatewayConfig } from '@parley/gateway';
import { loadConfig } from '@parley/platform';
import { installationSettings } from '@parley/tenancy';
import { z } from 'zod';

const settings = z.object({
  ...gatewayConfig.shape,
  ...installationSettings.shape,
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: installationSettings.shape.DATABASE_URL.optional(),
  LOG_LEVEL: installationSettings.shape.LOG_LEVEL.default('warn'),
});

/** The settings of all services in one process, from the environment; all have defaults. */
export type StandaloneConfig = z.output<typeof settings>;

/** Reads them once, all problems reported together. */
export function readConfig(): StandaloneConfig {
  return loadConfig(settings, process.env);
}
