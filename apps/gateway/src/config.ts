import { loadConfig } from '@parley/platform';
import { z } from 'zod';

const count = (fallback: number): z.ZodDefault<z.ZodCoercedNumber> =>
  z.coerce.number<number>().int().positive().default(fallback);

const limits = {
  KEY_ITEMS_PER_MINUTE: count(600_000),
  TENANT_ITEMS_PER_MINUTE: count(1_200_000),
  INVALID_KEYS_PER_MINUTE: count(100),
  RECEIPT_TIMEOUT_MS: count(5_000),
  REQUEST_TIMEOUT_MS: count(30_000),
};

/** The gateway's own settings, wherever it runs. */
export const gatewayConfig = z.object(limits);

/** The gateway's own settings; see the README for what they mean. */
export type GatewayConfig = z.output<typeof gatewayConfig>;

const serviceConfig = gatewayConfig.extend({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  KAFKA_BROKERS: z
    .string()
    .transform((brokers) => brokers.split(',').map((broker) => broker.trim()))
    .optional(),
  PARLEY_HOME: z.string().default('.parley'),
  PARLEY_SECRET_FILE: z.string().optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});

/** The settings of a gateway that runs on its own, from its environment. */
export function readConfig(): z.output<typeof serviceConfig> {
  return loadConfig(serviceConfig, process.env);
}
