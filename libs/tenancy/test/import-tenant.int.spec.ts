import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Tenants } from '../src/index.js';
import { databaseUrl, roleUrl } from '../src/provisioning/role-url.js';
import { anInstallation, rowsOf } from './installation.js';

describe('a tenant from elsewhere', () => {
  let at: Awaited<ReturnType<typeof anInstallation>>;
  beforeAll(async () => {
    at = await anInstallation();
  }, 60_000);
  afterAll(() => at.stop());

  const anId = () => `t_${randomBytes(10).toString('hex')}`;
  const nothing = () => Promise.resolve();
  const wanted = (id: string | null, name = id ? `of ${id}` : 'named') => ({
    id,
    name,
    adminUrl: at.adminUrl,
  });

  async function traces(id: string): Promise<unknown[]> {
    return rowsOf(
      at.adminUrl,
      `SELECT datname::text AS name FROM pg_database WHERE datname = $1
       UNION ALL SELECT rolname::text FROM pg_roles WHERE starts_with(rolname, $1)`,
      [id],
    );
  }

  /** What a process leaves behind that is killed in the middle of an import: its database, marked. */
  async function abandon(id: string): Promise<void> {
    await rowsOf(at.adminUrl, `CREATE DATABASE ${id} TEMPLATE parley_template`);
    await rowsOf(at.adminUrl, `COMMENT ON DATABASE ${id} IS 'parley: an import is under way'`);
  }

  it('is there once its database is filled, under the id that it had, and no sooner', async () => {
    const id = anId();
    const found = await at.tenants.import(wanted(id), async (url) => {
      expect(await at.tenants.find(id)).toBeNull();
      await rowsOf(url, 'CREATE TABLE filled ()');
      return 'filled';
    });
    expect(found).toEqual({ id, name: `of ${id}`, filled: 'filled' });
    await expect(at.tenants.find(id)).resolves.toMatchObject({ id });
    expect(await rowsOf(roleUrl(at.access, `${id}_app`, id), 'SELECT FROM log_identity')).toEqual([
      {},
    ]);
    await expect(at.tenants.import(wanted(id, 'twice'), nothing)).rejects.toMatchObject({
      code: 'tenant/exists',
    });
    expect(await rowsOf(databaseUrl(at.adminUrl, id).href, 'SELECT FROM filled')).toEqual([]);
  });

  it('has a new id where it is to have one', async () => {
    const { id } = await at.tenants.import(wanted(null), nothing);
    await expect(at.tenants.find('named')).resolves.toMatchObject({ id });
    await expect(at.tenants.import(wanted(null), nothing)).rejects.toMatchObject({
      code: 'tenant/name-taken',
    });
    await expect(at.tenants.import(wanted('t_1; DROP', 'x'), nothing)).rejects.toMatchObject({
      code: 'tenant/invalid-id',
    });
  });

  it('leaves nothing behind where it can’t be filled', async () => {
    const id = anId();
    const failing = at.tenants.import(wanted(id), () => Promise.reject(new Error('altered')));
    await expect(failing).rejects.toThrow('altered');
    expect(await traces(id)).toEqual([]);
    await at.tenants.import(wanted(id), nothing);
  });

  it('leaves nothing behind where its name was taken meanwhile', async () => {
    const id = anId();
    const late = at.tenants.import(wanted(id, 'sought'), () =>
      at.tenants.create('sought', at.adminUrl),
    );
    await expect(late).rejects.toMatchObject({ code: 'tenant/name-taken' });
    expect(await traces(id)).toEqual([]);
  });

  it('takes the place of what a killed import has left behind', async () => {
    const id = anId();
    await abandon(id);
    await rowsOf(databaseUrl(at.adminUrl, id).href, 'CREATE TABLE half ()');
    await at.tenants.import(wanted(id), nothing);
    const half = `SELECT to_regclass('half') AS half`;
    expect(await rowsOf(databaseUrl(at.adminUrl, id).href, half)).toEqual([{ half: null }]);
  });

  it('touches neither an import that is under way nor a database of no tenant', async () => {
    const id = anId();
    const other = new Tenants(at.control);
    await at.tenants.import(wanted(id), async () => {
      await expect(other.import(wanted(id, 'second'), nothing)).rejects.toMatchObject({
        code: 'tenant/import-under-way',
      });
    });
    await expect(at.tenants.find(id)).resolves.toMatchObject({ id });
    const lost = anId();
    await rowsOf(at.adminUrl, `CREATE DATABASE ${lost}`);
    await expect(at.tenants.import(wanted(lost), nothing)).rejects.toMatchObject({
      code: 'tenant/database-exists',
    });
    expect(await traces(lost)).toEqual([{ name: lost }]);
  }, 30_000);
});
