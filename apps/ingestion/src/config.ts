import { loadConfig } from '@parley/platform';
import { installationSettings, listenSettings } from '@parley/tenancy';
import { type z } from 'zod';

const settings = installationSettings.extend(listenSettings(3001));

/** The settings of an ingestion that runs on its own, from its environment; the port serves health and metrics. */
export function readConfig(): z.output<typeof settings> {
  return loadConfig(settings, process.env);
}
