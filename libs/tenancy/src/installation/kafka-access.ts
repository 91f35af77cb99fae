import { readFile } from 'node:fs/promises';
import { type KafkaBusOptions } from '@parley/messaging';
import { z } from 'zod';

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/**
 * How a Kafka that asks who we are is reached: SASL (`PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`) with the password in a
 * file, TLS with the system's authorities or those of a file, a certificate of our own where the brokers want one.
 */
export const kafkaAccessSettings = z.object({
  KAFKA_SASL_MECHANISM: z.string().toLowerCase().pipe(z.enum(MECHANISMS)).optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD_FILE: z.string().optional(),
  KAFKA_TLS: z.stringbool().optional(),
  KAFKA_TLS_CA_FILE: z.string().optional(),
  KAFKA_TLS_CERT_FILE: z.string().optional(),
  KAFKA_TLS_KEY_FILE: z.string().optional(),
  KAFKA_REPLICATION_FACTOR: z.coerce.number().int().min(1).optional(),
});

/** The settings, read. */
export type KafkaAccessSettings = z.output<typeof kafkaAccessSettings>;

/** Reads the files that the settings name; throws where one can't be read or a setting lacks its companion. */
export async function readKafkaAccess(
  settings: KafkaAccessSettings,
): Promise<Pick<KafkaBusOptions, 'sasl' | 'ssl' | 'replicationFactor'>> {
  const sasl = await readSasl(settings);
  const ssl = await readTls(settings);
  const replicationFactor = settings.KAFKA_REPLICATION_FACTOR;
  return {
    ...(sasl && { sasl }),
    ...(ssl && { ssl }),
    ...(replicationFactor && { replicationFactor }),
  };
}

async function readSasl(settings: KafkaAccessSettings): Promise<KafkaBusOptions['sasl']> {
  const names = [
    'KAFKA_SASL_MECHANISM',
    'KAFKA_SASL_USERNAME',
    'KAFKA_SASL_PASSWORD_FILE',
  ] as const;
  if (!allOrNone(settings, names)) return undefined;
  const password = (await textOf(settings, 'KAFKA_SASL_PASSWORD_FILE'))!.trim();
  const username = settings.KAFKA_SASL_USERNAME!;
  // A union by mechanism in kafkajs's types, though all of its members look alike.
  return { mechanism: settings.KAFKA_SASL_MECHANISM as 'plain', username, password };
}

async function readTls(settings: KafkaAccessSettings): Promise<KafkaBusOptions['ssl']> {
  const ca = await textOf(settings, 'KAFKA_TLS_CA_FILE');
  const hasOwn = allOrNone(settings, ['KAFKA_TLS_CERT_FILE', 'KAFKA_TLS_KEY_FILE']);
  if (!(settings.KAFKA_TLS ?? (hasOwn || ca !== undefined))) return undefined;
  const cert = await textOf(settings, 'KAFKA_TLS_CERT_FILE');
  const key = await textOf(settings, 'KAFKA_TLS_KEY_FILE');
  return { ...(ca && { ca: [ca] }), ...(cert && key && { cert, key }) };
}

function allOrNone(
  settings: KafkaAccessSettings,
  names: readonly (keyof KafkaAccessSettings)[],
): boolean {
  const missing = names.filter((name) => settings[name] === undefined);
  if (missing.length === names.length) return false;
  if (missing.length > 0) throw new Error(`${missing.join(' and ')} must be set, too`);
  return true;
}

type FileSetting = Extract<keyof KafkaAccessSettings, `${string}_FILE`>;

async function textOf(
  settings: KafkaAccessSettings,
  name: FileSetting,
): Promise<string | undefined> {
  const path = settings[name];
  if (path === undefined) return undefined;
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`the file of ${name} can’t be read`, { cause });
  });
}
