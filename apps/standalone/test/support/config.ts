import { installationSettings } from '@parley/tenancy';
import { z } from 'zod';

/** The settings of a service that a test starts. */
export function readConfig() {
  return installationSettings.extend({ PORT: z.coerce.number() }).parse(process.env);
}
