import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModels } from '@parley/domain';
import { gatewayConfig } from '@parley/gateway';
import { ingestionConfig } from '@parley/ingestion';
import { createLogger } from '@parley/platform';
import {
  type Installation,
  installationSettings,
  openInstallation,
  prepareServer,
  type PreparedServer,
  Tenants,
} from '@parley/tenancy';
import pg from 'pg';
import { type Standalone, startStandalone } from '../../src/standalone.js';
import { Api } from './api.js';

const logger = createLogger({ service: 'test', level: 'fatal' });

interface Parts {
  readonly path: string;
  readonly server: PreparedServer;
  readonly standalone: Standalone;
  /** The same installation, seen from beside it. */
  readonly installation: Installation;
  readonly tenant: string;
  readonly url: string;
}

/** What `npm start` makes of an empty folder: an embedded database of its own, a secret of its own, the tenant `demo`. */
export class Home {
  /** The API with the first key. */
  readonly api: Api;

  private constructor(private readonly parts: Parts) {
    this.api = this.apiOf(parts.standalone.key ?? '');
  }

  static async start(): Promise<Home> {
    const path = await mkdtemp(join(tmpdir(), 'parley-test-'));
    const settings = installationSettings.partial({ DATABASE_URL: true });
    const config = {
      ...gatewayConfig.parse({}),
      ...ingestionConfig.parse({}),
      ...settings.parse({ PARLEY_HOME: path }),
      ...{ PORT: 0, HOST: '127.0.0.1' },
    };
    const standalone = await startStandalone(config, logger, (error) => {
      throw error;
    });
    const server = await prepareServer(config, readModels);
    const beside = { ...config, DATABASE_URL: server.adminUrl };
    const installation = await openInstallation(beside, { name: 'test', logger });
    const tenant = (await new Tenants(installation.control).find('demo'))?.id ?? '';
    const url = await standalone.gateway.getUrl();
    return new Home({ path, server, standalone, installation, tenant, url });
  }

  get path(): string {
    return this.parts.path;
  }

  get installation(): Installation {
    return this.parts.installation;
  }

  /** The id of `demo`. */
  get tenant(): string {
    return this.parts.tenant;
  }

  apiOf(key: string): Api {
    return new Api(this.parts.url, key);
  }

  /** How many rows a table of `demo` has. */
  async count(table: string): Promise<number> {
    const pool = await this.installation.databases.pool(this.tenant, 'app');
    const { rows } = await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
    return rows[0]?.n ?? 0;
  }

  /** The databases of tenants, whether there is such a tenant or not. */
  async databaseNames(): Promise<string[]> {
    const client = new pg.Client({ connectionString: this.parts.server.adminUrl });
    await client.connect();
    const { rows } = await client.query<{ name: string }>(
      `SELECT datname AS name FROM pg_database WHERE datname LIKE 't\\_%' ORDER BY 1`,
    );
    await client.end();
    return rows.map(({ name }) => name);
  }

  async stop(): Promise<void> {
    const { installation, standalone, server, path } = this.parts;
    await installation.close();
    await standalone.close();
    await server.stop();
    await rm(path, { recursive: true, force: true });
  }
}
