import { type z } from 'zod';

/** The first Node that has all that the code uses. */
const NODE = [24, 11] as const;

/** The environment does not fit: the message names every variable that is wrong, never its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Settings read once, at the start, from an environment such as `process.env`. An empty variable counts as not set.
 *
 * Throws `ConfigError` with all problems in one message; an older Node than 24.11 is one of them.
 *
 * @example loadConfig(z.object({ PORT: z.coerce.number().int().default(3000) }), process.env).PORT
 */
export function loadConfig<Schema extends z.ZodType>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = schema.safeParse(set);
  const unfit = unfitNode(process.versions.node);
  if (result.success && unfit.length === 0) return result.data;
  const issues = result.error?.issues ?? [];
  const problems = issues.map(
    ({ path, message }) => `  ${path.join('.') || 'environment'}: ${message}`,
  );
  throw new ConfigError(`the configuration is wrong:\n${[...unfit, ...problems].join('\n')}`);
}

function unfitNode(version: string): string[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isFit = major > NODE[0] || (major === NODE[0] && minor >= NODE[1]);
  return isFit ? [] : [`  Node: ${NODE.join('.')} or newer is needed, this is ${version}`];
}
