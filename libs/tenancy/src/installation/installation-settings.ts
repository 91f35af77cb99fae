import { z } from 'zod';
import { kafkaAccessSettings } from './kafka-access.js';

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });

const namedServers = z
  .string()
  .default('{}')
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), postgresUrl));

/**
 * What every service is told of the installation it belongs to. `DATABASE_URL` names the PostgreSQL server (services
 * use its host and port under their own roles), `KAFKA_BROKERS` the brokers, comma-separated; without them the embedded
 * bus is used. `PARLEY_SERVERS` names further PostgreSQL servers that tenants' databases are placed on, as a JSON object
 * of URLs. A consumer that fell silent is out of its Kafka group after `KAFKA_SESSION_TIMEOUT_MS`. The installation
 * secret is in `PARLEY_SECRET_FILE`, else in `PARLEY_HOME`. A server that may lose what was committed is refused unless
 * `ALLOW_DATA_LOSS`, as tests do for the sake of speed.
 */
export const installationSettings = z.object({
  DATABASE_URL: postgresUrl,
  PARLEY_SERVERS: namedServers,
  KAFKA_BROKERS: z
    .string()
    .transform((brokers) => brokers.split(',').map((broker) => broker.trim()))
    .optional(),
  KAFKA_SESSION_TIMEOUT_MS: z.coerce.number().int().min(1_000).default(30_000),
  ...kafkaAccessSettings.shape,
  PARLEY_HOME: z.string().default('.parley'),
  PARLEY_SECRET_FILE: z.string().optional(),
  ALLOW_DATA_LOSS: z.stringbool().default(false),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});

/** Where a service listens: on `defaultPort` of this machine alone unless it is told otherwise. */
export const listenSettings = (defaultPort: number) => ({
  PORT: z.coerce.number().int().min(0).max(65_535).default(defaultPort),
  HOST: z.string().default('127.0.0.1'),
});

/** The settings of an installation, read. */
export type InstallationSettings = z.output<typeof installationSettings>;
