import { DomainError } from '@parley/event-sourcing';
import { endedWithin } from '@parley/platform';
import type pg from 'pg';
import { type ControlDatabase } from '../control/control-database.js';
import { Placement } from '../control/placement.entity.js';
import { refuseForgetfulServer } from '../installation/forgetful-server.js';
import { databaseUrl, PRIMARY_SERVER, roleUrl, urlOfServer } from '../provisioning/role-url.js';
import { loginRole, type TenantRole } from '../provisioning/roles.js';
import { isTenantId } from '../tenants/tenant-name.js';
import { ReopeningPool } from './reopening-pool.js';

/**
 * `maxPools` (50) pools hold connections at a time, each at most `connectionsPerPool` (4). With `refusesForgetful` there
 * are no connections to another server than the primary that may lose what was committed.
 */
export interface TenantDatabasesOptions {
  readonly maxPools?: number;
  readonly connectionsPerPool?: number;
  readonly refusesForgetful?: boolean;
}

const CONNECT_WITHIN_MS = 5_000;
const CLOSE_WITHIN_MS = 3_000;
const IDLE_FOR_MS = 30_000;
const KEEP_ALIVE_AFTER_MS = 10_000;

/** Connections to tenants' databases, under the tenant's own login roles. */
export class TenantDatabases {
  private readonly pools = new Map<string, ReopeningPool>();
  /** Pools that hold connections, the one used longest ago first. */
  private readonly open = new Set<ReopeningPool>();
  private readonly maxPools: number;
  private readonly connectionsPerPool: number;
  /** The servers that need not be asked whether they keep what was committed. */
  private readonly trusted = new Set([PRIMARY_SERVER]);
  private readonly refusesForgetful: boolean;

  constructor(
    private readonly control: ControlDatabase,
    options: TenantDatabasesOptions = {},
  ) {
    const { maxPools = 50, connectionsPerPool = 4, refusesForgetful = false } = options;
    this.refusesForgetful = refusesForgetful;
    this.maxPools = maxPools;
    this.connectionsPerPool = connectionsPerPool;
  }

  /**
   * The pool of a tenant's database; keep it or ask again, both are cheap. Where more than `maxPools` are in use at the
   * very same time, all are served and the surplus is closed as soon as it is idle.
   * Throws `DomainError` `tenant/unknown`.
   */
  async pool(tenantId: string, role: TenantRole): Promise<pg.Pool> {
    const name = `${role}/${tenantId}`;
    const found = this.pools.get(name);
    if (found) return found;
    const { secret } = this.control.access;
    const server = await this.serverOf(tenantId);
    const access = { secret, serverUrl: urlOfServer(this.control.access, server) };
    const url = roleUrl(access, loginRole(tenantId, role), tenantId);
    const pool = this.pools.get(name) ?? this.newPool(url, server);
    this.pools.set(name, pool);
    return pool;
  }

  /**
   * The URL of a tenant's database under the user of its server's URL, an administrator where the installation was opened
   * with one. Throws `DomainError` `tenant/unknown`.
   */
  async adminUrl(tenantId: string): Promise<string> {
    const serverUrl = urlOfServer(this.control.access, await this.serverOf(tenantId));
    return databaseUrl(serverUrl, tenantId).href;
  }

  /**
   * Resolves when everything borrowed is given back and all connections are closed; after 3 s in any case, for whoever
   * waits for a database that does not answer gives nothing back.
   */
  async close(): Promise<void> {
    const all = [...this.pools.values()];
    this.pools.clear();
    this.open.clear();
    await endedWithin(CLOSE_WITHIN_MS, Promise.all(all.map((pool) => pool.end())));
  }

  private async serverOf(tenantId: string): Promise<string> {
    const placement = isTenantId(tenantId)
      ? await this.control.rows.findOneBy(Placement, { tenantId })
      : null;
    if (!placement) throw new DomainError('tenant/unknown', 'there is no such tenant');
    return placement.server;
  }

  private async ask(server: string, client: pg.ClientBase): Promise<void> {
    if (!this.refusesForgetful || this.trusted.has(server)) return;
    await refuseForgetfulServer(async (sql) => (await client.query<{ unsafe: string }>(sql)).rows);
    this.trusted.add(server);
  }

  private newPool(connectionString: string, server: string): ReopeningPool {
    return new ReopeningPool(
      {
        connectionString,
        max: this.connectionsPerPool,
        connectionTimeoutMillis: CONNECT_WITHIN_MS,
        idleTimeoutMillis: IDLE_FOR_MS,
        // Whoever waits for the answer of a server that is cut off learns of it.
        keepAlive: true,
        keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
        verify: (client, done) => void this.ask(server, client).then(() => done(), done),
      },
      (pool) => this.used(pool),
      () => this.makeRoom(),
    );
  }

  private used(pool: ReopeningPool): void {
    this.open.delete(pool);
    this.open.add(pool);
    this.makeRoom();
  }

  private makeRoom(): void {
    for (const pool of this.open) {
      if (this.open.size <= this.maxPools) return;
      if (!pool.isIdle) continue;
      this.open.delete(pool);
      void pool.park();
    }
  }
}
