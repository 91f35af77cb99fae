import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModels } from '@parley/domain';
import { createLogger, readSecret } from '@parley/platform';
import {
  Credentials,
  type Installation,
  installationSettings,
  openInstallation,
  provision,
  SCOPES,
  Tenants,
} from '@parley/tenancy';
import type pg from 'pg';
import { KafkaServer } from './kafka-server.js';
import { PostgresServer } from './postgres-server.js';

/** The buses that the services can run over, as the lines name them. */
export type BusName = 'embedded' | 'apache-kafka';

/** A tenant made for one run; `pool` is the app role's, past all faults. */
export interface ProvenTenant {
  readonly id: string;
  readonly key: string;
  readonly pool: pg.Pool;
}

/** The name of the other server in placements. */
const ASIDE = 'aside';

/** How long Kafka waits for a consumer that fell silent. */
export const SESSION_TIMEOUT_MS = 3_000;

/** An installation of its own: PostgreSQL on a durable home, a broker where asked for, and proxies before both. */
export class World {
  private tenants = 0;

  readonly bus: BusName;

  private constructor(
    readonly home: string,
    readonly postgres: PostgresServer,
    readonly kafka: KafkaServer | null,
    readonly installation: Installation,
  ) {
    this.bus = kafka ? 'apache-kafka' : 'embedded';
  }

  /** Null where the bus needs a broker and none can be had. */
  static async open(bus: BusName): Promise<World | null> {
    const kafka = bus === 'embedded' ? null : await KafkaServer.start();
    if (bus !== 'embedded' && !kafka) return null;
    const home = await mkdtemp(join(tmpdir(), 'parley-prove-'));
    await mkdir(join(home, 'logs'));
    const postgres = await PostgresServer.start(home);
    const secret = await readSecret({ home });
    await provision({ adminUrl: postgres.ownUrl, secret, models: readModels });
    const settings = installationSettings.parse({
      DATABASE_URL: postgres.ownUrl,
      PARLEY_SERVERS: JSON.stringify({ [ASIDE]: postgres.ownUrl }),
      PARLEY_HOME: home,
      ...(kafka ? { KAFKA_BROKERS: kafka.brokers } : {}),
    });
    const logger = createLogger({ service: 'prove', level: 'fatal' });
    const installation = await openInstallation(settings, { name: 'prove', logger });
    return new World(home, postgres, kafka, installation);
  }

  /** What every service of this installation is told. */
  get env(): Readonly<Record<string, string>> {
    return {
      DATABASE_URL: this.postgres.servicesUrl,
      PARLEY_SERVERS: JSON.stringify({ [ASIDE]: this.postgres.asideUrl }),
      PARLEY_HOME: this.home,
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      NODE_COMPILE_CACHE: join(this.home, 'compiled'),
      KEY_ITEMS_PER_MINUTE: '100000000',
      TENANT_ITEMS_PER_MINUTE: '100000000',
      ...(this.kafka
        ? {
            KAFKA_BROKERS: this.kafka.brokers,
            KAFKA_SESSION_TIMEOUT_MS: String(SESSION_TIMEOUT_MS),
          }
        : {}),
    };
  }

  /** With `isAside` the services reach its database by a way of its own. */
  async newTenant({ isAside = false } = {}): Promise<ProvenTenant> {
    const { control, databases } = this.installation;
    const name = `prove ${(this.tenants += 1)}`;
    const { id } = await new Tenants(control).create(
      name,
      this.postgres.ownUrl,
      isAside ? ASIDE : undefined,
    );
    const { key } = await new Credentials(control).create({
      ...{ tenant: id, kind: 'api-key' },
      scopes: [...SCOPES],
    });
    return { id, key, pool: await databases.pool(id, 'app') };
  }

  /** Copies what the services said to a folder that stays, and answers it. */
  async keepLogs(): Promise<string> {
    const kept = await mkdtemp(join(tmpdir(), 'parley-prove-logs-'));
    await cp(join(this.home, 'logs'), kept, { recursive: true });
    return kept;
  }

  /** Nothing of it is left. */
  async close(): Promise<void> {
    await this.installation.close();
    await this.postgres.stop();
    await this.kafka?.stop();
    await rm(this.home, { recursive: true, force: true });
  }
}
