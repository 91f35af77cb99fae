import pg from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import {
  CONTROL_DATABASE,
  roleUrl,
  SERVICE_ROLE,
  type ServerAccess,
} from '../provisioning/role-url.js';
import { Credential } from './credential.entity.js';
import { Partner } from './partner.entity.js';
import { Placement } from './placement.entity.js';
import { Tenant } from './tenant.entity.js';
import { UnroutableRecord } from './unroutable-record.entity.js';

/** Bounds how old an answer about a credential can be; see `Credentials`. */
const QUERY_WITHIN_MS = 2_000;

const TRY_LOCK = 'SELECT pg_try_advisory_lock(7061, hashtext($1)) AS is_free';

/** The control database as the services see it: through a role that cannot make tenants. */
export class ControlDatabase {
  private constructor(
    readonly access: ServerAccess,
    private readonly source: DataSource,
  ) {}

  /** Connects to the control database of a provisioned server; only host and port of `serverUrl` are used. */
  static async open(access: ServerAccess): Promise<ControlDatabase> {
    const source = new DataSource({
      type: 'postgres',
      url: roleUrl(access, SERVICE_ROLE, CONTROL_DATABASE),
      entities: [Tenant, Placement, Credential, UnroutableRecord, Partner],
      poolSize: 4,
      connectTimeoutMS: QUERY_WITHIN_MS,
      poolErrorHandler: () => undefined,
      extra: { query_timeout: QUERY_WITHIN_MS, allowExitOnIdle: true },
    });
    return new ControlDatabase(access, await source.initialize());
  }

  /** For simple rows; lives until `close`. */
  get rows(): EntityManager {
    return this.source.manager;
  }

  /** Throws when the database does not answer. */
  async ping(): Promise<void> {
    await this.source.query('SELECT 1');
  }

  /**
   * Runs `work` unless it runs elsewhere under the same name; answers whether it ran. Two may run at once where the
   * connection to this database breaks meanwhile, so this saves work but guards nothing.
   */
  async exclusively(name: string, work: () => Promise<void>): Promise<boolean> {
    const client = new pg.Client({
      connectionString: roleUrl(this.access, SERVICE_ROLE, CONTROL_DATABASE),
      connectionTimeoutMillis: QUERY_WITHIN_MS,
      query_timeout: QUERY_WITHIN_MS,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ is_free: boolean }>(TRY_LOCK, [name]);
      const isFree = rows[0]?.is_free ?? false;
      if (isFree) await work();
      return isFree;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Ends all connections; safe to call twice. */
  async close(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }
}
