import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ControlDatabase, provision } from '../src/index.js';
import { busUrl, databaseUrl, roleUrl } from '../src/provisioning/role-url.js';
import { anInstallation, models, rowsOf } from './installation.js';

let at: Awaited<ReturnType<typeof anInstallation>>;

beforeAll(async () => {
  at = await anInstallation();
}, 60_000);

afterAll(() => at.stop());

const asTenant = (tenant: string, role: string, database = tenant) =>
  roleUrl(at.access, `${tenant}_${role}`, database);

describe('provisioning', () => {
  it('changes nothing when repeated, also by several processes at once', async () => {
    const { adminUrl, secret } = at;
    const before = await rowsOf(adminUrl, 'SELECT oid, datname FROM pg_database ORDER BY oid');
    await Promise.all([1, 2, 3].map(() => provision({ adminUrl, secret, models })));
    expect(await rowsOf(adminUrl, 'SELECT oid, datname FROM pg_database ORDER BY oid')).toEqual(
      before,
    );
    await at.control.ping();
  });

  it('is refused with another secret, before anything is changed', async () => {
    const { adminUrl, access } = at;
    const provisioning = provision({ adminUrl, secret: randomBytes(32), models });
    await expect(provisioning).rejects.toThrow('another installation secret');
    const control = await ControlDatabase.open(access);
    await control.ping();
    await control.close();
  });

  it('gives the bus a database of its own', async () => {
    const url = busUrl(at.access);
    await rowsOf(url, 'CREATE TABLE of_the_bus ()');
    expect(await rowsOf(url, 'SELECT current_user::text AS name')).toEqual([
      { name: 'parley_bus' },
    ]);
  });

  it('lets the services make neither tenants nor tables', async () => {
    const run = (sql: string) => at.control.rows.query(sql);
    for (const sql of [
      `INSERT INTO tenants (id, name) VALUES ('t_${'0'.repeat(20)}', 'x')`,
      `DELETE FROM credentials`,
      `UPDATE credentials SET tenant_id = tenant_id`,
      `CREATE TABLE mine ()`,
    ]) {
      await expect(run(sql)).rejects.toMatchObject({ code: '42501' });
    }
  });
});

describe('a tenant', () => {
  it('is found by its id and by its name', async () => {
    const { id } = await at.tenants.create('Found Inc.', at.adminUrl);
    expect(id).toMatch(/^t_[0-9a-f]{20}$/);
    expect(await at.tenants.find(id)).toMatchObject({ id, name: 'Found Inc.' });
    expect(await at.tenants.find('Found Inc.')).toMatchObject({ id });
    expect(await at.tenants.find('found inc.')).toBeNull();
    expect((await at.tenants.list()).map((tenant) => tenant.id)).toContain(id);
  });

  it('gets a log of its own', async () => {
    const ids = [];
    for (const name of ['log one', 'log two']) {
      const { id } = await at.tenants.create(name, at.adminUrl);
      ids.push(...(await rowsOf(asTenant(id, 'app'), 'SELECT log_id FROM log_identity')));
    }
    expect(ids).toHaveLength(2);
    expect(ids[0]).not.toEqual(ids[1]);
  });

  it('can be made beside others at once, each name only once', async () => {
    const names = ['a', 'b', 'c', 'c'];
    const made = await Promise.allSettled(
      names.map((name) => at.tenants.create(name, at.adminUrl)),
    );
    const refused = made.filter(({ status }) => status === 'rejected');
    expect(refused).toEqual([
      { status: 'rejected', reason: expect.objectContaining({ code: 'tenant/name-taken' }) },
    ]);
  });

  it('reaches its own database only, and nobody else reaches it', async () => {
    const mine = await at.tenants.create('mine', at.adminUrl);
    const other = await at.tenants.create('other', at.adminUrl);
    const strangers = [
      asTenant(other.id, 'app', mine.id),
      asTenant(other.id, 'reader', mine.id),
      asTenant(mine.id, 'app', 'parley_control'),
      asTenant(mine.id, 'app', 'parley_bus'),
      asTenant(mine.id, 'app', 'parley_template'),
      roleUrl(at.access, 'parley_service', mine.id),
      roleUrl(at.access, 'parley_bus', mine.id),
    ];
    for (const url of strangers) {
      await expect(rowsOf(url, 'SELECT 1')).rejects.toMatchObject({ code: '42501' });
    }
    expect(await rowsOf(asTenant(mine.id, 'reader'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('runs under roles without special rights and with a pinned search path', async () => {
    const { id } = await at.tenants.create('plain', at.adminUrl);
    const roles = await rowsOf(
      asTenant(id, 'app'),
      `SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication AS special,
              current_setting('search_path') AS path,
              has_database_privilege(current_database(), 'CREATE') AS can_create,
              has_schema_privilege('public', 'CREATE') AS can_create_table
         FROM pg_roles WHERE rolname = current_user`,
    );
    expect(roles).toEqual([
      { special: false, path: 'public, pg_temp', can_create: false, can_create_table: false },
    ]);
    await expect(rowsOf(asTenant(id, 'reader'), 'DELETE FROM rm_1.things')).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('may have any plain name, however hostile, and its database a generated one', async () => {
    const names = [
      `'; DROP TABLE tenants; --`,
      '"quoted"',
      '$1',
      '%s',
      '../../etc/passwd',
      'parley_control',
      'postgres',
      'a b',
      'ß',
      '名前',
      '🦜'.repeat(100),
      '<script>',
      '\\',
      '${x}',
      'null',
    ];
    for (const name of names) {
      const { id } = await at.tenants.create(name, at.adminUrl);
      expect(await at.tenants.find(name)).toMatchObject({ id, name });
    }
  }, 30_000);

  it('may not have a name that is empty, too long, unprintable or another’s id', async () => {
    const { id } = await at.tenants.create('namesake', at.adminUrl);
    const names = ['', ' ', 'x'.repeat(101), 'a\0b', 'a\nb', '\u007f', '\ud800', id];
    for (const name of names) {
      await expect(at.tenants.create(name, at.adminUrl)).rejects.toMatchObject({
        code: 'tenant/invalid-name',
      });
    }
    expect(await at.tenants.find('a\0b')).toBeNull();
  });

  it('gets the migrations that its database lacks', async () => {
    const { id } = await at.tenants.create('older', at.adminUrl);
    const url = databaseUrl(at.adminUrl, id).href;
    const applied = 'SELECT name FROM schema_migrations ORDER BY id';
    const before = await rowsOf(url, applied);
    await rowsOf(url, 'DROP SCHEMA rm_1, search, search_1, public CASCADE; CREATE SCHEMA public');
    await provision({ adminUrl: at.adminUrl, secret: at.secret, models });
    expect(await rowsOf(url, applied)).toEqual(before);
  });
});
