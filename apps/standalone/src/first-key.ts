import { type ControlDatabase, Credentials, SCOPES, Tenants } from '@parley/tenancy';

/** Makes tenant `demo` with an API key of every scope where there is no such tenant yet; null where there is. */
export async function firstKey(control: ControlDatabase, adminUrl: string): Promise<string | null> {
  const tenants = new Tenants(control);
  if (await tenants.find('demo')) return null;
  const { id } = await tenants.create('demo', adminUrl);
  const { key } = await new Credentials(control).create({
    tenant: id,
    kind: 'api-key',
    name: 'first key',
    scopes: [...SCOPES],
  });
  return key;
}
