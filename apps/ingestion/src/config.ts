import { loadConfig } from '@parley/platform';
import { installationSettings, listenSettings } from '@parley/tenancy';
import { z } from 'zod';

/** What ingestion alone is told; `PARK_AFTER_MS` is how long others wait for a tenant whose database is away. */
export const ingestionConfig = z.object({
  PARK_AFTER_MS: z.coerce.number().int().min(50).default(500),
});

const settings = installationSettings.extend({
  ...ingestionConfig.shape,
  ...listenSettings(3001),
});

/** The settings of an ingestion that runs on its own, from its environment; the port serves health and metrics. */
export function readConfig(): z.output<typeof settings> {
  return loadConfig(settings, process.env);
}
