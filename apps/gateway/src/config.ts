import { loadConfig } from '@parley/platform';
import { installationSettings, listenSettings } from '@parley/tenancy';
import { z } from 'zod';

const count = (fallback: number): z.ZodDefault<z.ZodCoercedNumber> =>
  z.coerce.number<number>().int().positive().default(fallback);

/** The gateway's own settings, wherever it runs. */
export const gatewayConfig = z.object({
  KEY_ITEMS_PER_MINUTE: count(600_000),
  TENANT_ITEMS_PER_MINUTE: count(1_200_000),
  INVALID_KEYS_PER_MINUTE: count(100),
  RECEIPT_TIMEOUT_MS: count(5_000),
  READ_AFTER_TIMEOUT_MS: count(2_000),
  REQUEST_TIMEOUT_MS: count(30_000),
});

/** The gateway's own settings; see the README for what they mean. */
export type GatewayConfig = z.output<typeof gatewayConfig>;

const settings = installationSettings.extend({
  ...gatewayConfig.shape,
  ...listenSettings(3000),
  DRAIN_MS: z.coerce.number().int().min(0).max(20_000).default(1_000),
});

/** The settings of a gateway that runs on its own, from its environment. */
export function readConfig(): z.output<typeof settings> {
  return loadConfig(settings, process.env);
}
