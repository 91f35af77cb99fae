import { loadConfig } from '@parley/platform';
import { z } from 'zod';

const schema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  PARLEY_HOME: z.string().default('.parley'),
  PARLEY_SECRET_FILE: z.string().optional(),
});

/** Where the installation is: `DATABASE_URL`, else the embedded database of `PARLEY_HOME`. */
export type CliConfig = z.output<typeof schema>;

/** The settings in an environment, this process' own by default. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): CliConfig {
  return loadConfig(schema, env);
}
