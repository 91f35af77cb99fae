import { loadConfig } from '@parley/platform';
import { installationSettings } from '@parley/tenancy';
import { z } from 'zod';

const settings = installationSettings.extend({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3001),
  HOST: z.string().default('127.0.0.1'),
});

/** The settings of an ingestion that runs on its own, from its environment; the port serves health and metrics. */
export function readConfig(): z.output<typeof settings> {
  return loadConfig(settings, process.env);
}
