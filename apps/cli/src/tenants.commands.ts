import { type Answer } from './answer.js';
import { type Installation } from './installation.js';

/** `tenants create NAME [--server NAME]` */
export async function createTenant(
  { tenants, adminUrl }: Installation,
  name: string,
  server?: string,
): Promise<Answer> {
  const tenant = await tenants.create(name, adminUrl, server);
  return { json: tenant, lines: [`${tenant.id}  ${tenant.name}`] };
}

/** `tenants list` */
export async function listTenants({ tenants }: Installation): Promise<Answer> {
  const all = await tenants.list();
  return {
    json: all.map(({ id, name, createdAt }) => ({ id, name, created_at: createdAt })),
    lines: all.map(({ id, name }) => `${id}  ${name}`),
  };
}
