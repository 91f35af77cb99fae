import { DataSource, type EntityManager } from 'typeorm';
import {
  CONTROL_DATABASE,
  roleUrl,
  SERVICE_ROLE,
  type ServerAccess,
} from '../provisioning/role-url.js';
import { Credential } from './credential.entity.js';
import { Placement } from './placement.entity.js';
import { Tenant } from './tenant.entity.js';
import { UnroutableRecord } from './unroutable-record.entity.js';

/** Bounds how old an answer about a credential can be; see `Credentials`. */
const QUERY_WITHIN_MS = 2_000;

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
      entities: [Tenant, Placement, Credential, UnroutableRecord],
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

  /** Ends all connections; safe to call twice. */
  async close(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }
}
