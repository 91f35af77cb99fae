import { type z } from 'zod';

/** The environment does not fit: the message names every variable that is wrong, never its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Settings read once, at the start, from an environment such as `process.env`. An empty variable counts as not set.
 *
 * Throws `ConfigError` with all problems in one message.
 *
 * @example loadConfig(z.object({ PORT: z.coerce.number().int().default(3000) }), process.env).PORT
 */
export function loadConfig<Schema extends z.ZodType>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = schema.safeParse(set);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `  ${path.join('.') || 'environment'}: ${message}`,
  );
  throw new ConfigError(`the configuration is wrong:\n${problems.join('\n')}`);
}
