import { loadConfig } from '@parley/platform';
import { installationSettings } from '@parley/tenancy';
import { type z } from 'zod';

const schema = installationSettings.omit({ LOG_LEVEL: true }).partial({ DATABASE_URL: true });

/** Where the installation is: `DATABASE_URL`, else the embedded database of `PARLEY_HOME`; and where its bus. */
export type CliConfig = z.output<typeof schema>;

/** The settings in an environment, this process' own by default. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): CliConfig {
  return loadConfig(schema, env);
}
