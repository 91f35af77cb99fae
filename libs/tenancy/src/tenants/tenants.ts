import { type ControlDatabase } from '../control/control-database.js';
import { Tenant } from '../control/tenant.entity.js';
import { createTenant } from '../provisioning/create-tenant.js';
import {
  type FillDatabase,
  importTenant,
  type ImportTenantOptions,
} from '../provisioning/import-tenant.js';
import { isTenantId } from './tenant-name.js';

/** The accounts of this installation. */
export class Tenants {
  constructor(private readonly control: ControlDatabase) {}

  /**
   * Makes a tenant with a database and login roles of its own. `adminUrl` is the server's administrator, as for
   * `provision`; `server` names another one of the installation for its database.
   * Throws `DomainError` `tenant/invalid-name` or `tenant/name-taken`.
   */
  async create(
    name: string,
    adminUrl: string,
    server?: string,
  ): Promise<{ id: string; name: string }> {
    const { secret, servers } = this.control.access;
    return createTenant({ adminUrl, secret, servers, name, server });
  }

  /**
   * Makes a tenant of what `fill` puts into a new database; see `importTenant` for what it throws. `adminUrl` and `server`
   * as for `create`.
   */
  async import<T>(
    tenant: Pick<ImportTenantOptions, 'id' | 'name' | 'adminUrl' | 'server'>,
    fill: FillDatabase<T>,
  ): Promise<{ id: string; name: string; filled: T }> {
    const { secret, servers } = this.control.access;
    return importTenant({ ...tenant, secret, servers }, fill);
  }

  /** All tenants, oldest first. */
  async list(): Promise<Tenant[]> {
    return this.control.rows.find(Tenant, { order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** The tenant with that id or that exact name; null where there is none. */
  async find(idOrName: string): Promise<Tenant | null> {
    // PostgreSQL knows no NUL, and a name that holds one is nobody's.
    if (idOrName.includes('\0')) return null;
    const where = isTenantId(idOrName) ? { id: idOrName } : { name: idOrName };
    return this.control.rows.findOneBy(Tenant, where);
  }
}
