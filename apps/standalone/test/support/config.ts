import { installationSettings } from '@parley/tenancy';
import { z } from 'zod';

/** The settings of a service that a test starts. */
export function readConfig() {
  return installationSettings.extend({ PORT: z.coerce.number() }).parse(process.env);
}

/** For how long a tenant's database is away, in seconds: short unless `AWAY_SECONDS` asks for the full length. */
export function awaySeconds(): number {
  return z.coerce.number().min(4).default(8).parse(process.env['AWAY_SECONDS']);
}
