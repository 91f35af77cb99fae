import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModels } from '@parley/domain';
import { createLogger, readSecret, startEmbeddedPostgres } from '@parley/platform';
import pg from 'pg';
import {
  type Installation,
  installationSettings,
  openInstallation,
  provision,
  Tenants,
} from '@parley/tenancy';

/** A new, durable installation of its own, thrown away at the end. */
export interface BenchInstallation extends Installation {
  readonly home: string;
  readonly adminUrl: string;
  newTenant(): Promise<string>;
  /** Has PostgreSQL write out what earlier work has left to be written: it would be done during what is measured next. */
  settle(): Promise<void>;
}

/** Over Kafka where brokers are given. */
export async function openBenchInstallation(brokers?: string): Promise<BenchInstallation> {
  const home = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  const logger = createLogger({ service: 'bench', level: 'fatal' });
  const postgres = await startEmbeddedPostgres({ home });
  const secret = await readSecret({ home });
  await provision({ adminUrl: postgres.url, secret, models: readModels });
  const settings = installationSettings.parse({
    DATABASE_URL: postgres.url,
    PARLEY_HOME: home,
    KAFKA_BROKERS: brokers,
  });
  const installation = await openInstallation(settings, { name: 'bench', logger });
  const tenants = new Tenants(installation.control);
  let count = 0;
  return {
    ...installation,
    home,
    adminUrl: postgres.url,
    newTenant: async () => (await tenants.create(`bench ${(count += 1)}`, postgres.url)).id,
    settle: () => checkpoint(postgres.url),
    close: async () => {
      await installation.close();
      await postgres.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function checkpoint(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query('CHECKPOINT');
  await client.end();
}
