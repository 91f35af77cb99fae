import { type ControlDatabase } from '../control/control-database.js';
import { Tenant } from '../control/tenant.entity.js';
import { createTenant } from '../provisioning/create-tenant.js';
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
