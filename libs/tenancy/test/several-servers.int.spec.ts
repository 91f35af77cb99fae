import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isOutage } from '@parley/event-store';
import { startTestServer, type TestServer } from '@parley/testing';
import {
  ControlDatabase,
  installationSettings,
  provision,
  TenantDatabases,
  Tenants,
} from '../src/index.js';
import { anInstallation, models, rowsOf } from './installation.js';

let at: Awaited<ReturnType<typeof anInstallation>>;
let second: TestServer;
let control: ControlDatabase;

beforeAll(async () => {
  [at, second] = await Promise.all([anInstallation(), startTestServer()]);
  control = await ControlDatabase.open({ ...at.access, servers: { second: second.url } });
}, 60_000);
afterAll(async () => {
  await control.close();
  await Promise.all([at.stop(), second.stop()]);
});

const provisionAll = () =>
  provision({ adminUrl: at.adminUrl, secret: at.secret, servers: { second: second.url }, models });

describe('an installation on several servers', () => {
  it('finds a tenant’s database on the server that it was placed on', async () => {
    expect(await provisionAll()).toEqual([]);
    const { id } = await new Tenants(control).create('afar', at.adminUrl, 'second');
    const databases = new TenantDatabases(control);
    const pool = await databases.pool(id, 'app');
    await expect(pool.query('SELECT * FROM audit_events')).resolves.toMatchObject({ rows: [] });
    const isThere = `SELECT 1 FROM pg_database WHERE datname = '${id}'`;
    expect(await rowsOf(second.url, isThere)).toHaveLength(1);
    expect(await rowsOf(at.adminUrl, isThere)).toHaveLength(0);
    await databases.close();
    expect(await provisionAll()).toEqual([]);
  });

  it('refuses to place a tenant on, or to look for one on, a server that it was not told of', async () => {
    const creating = new Tenants(control).create('nowhere', at.adminUrl, 'third');
    await expect(creating).rejects.toThrow('third');
    const { id } = await new Tenants(control).create('hidden', at.adminUrl, 'second');
    const uninformed = new TenantDatabases(at.control);
    await expect(uninformed.pool(id, 'app')).rejects.toThrow('PARLEY_SERVERS');
  });

  it('counts one that may lose what was committed as away, as often as it is reached', async () => {
    const { id } = await new Tenants(control).create('forgotten', at.adminUrl, 'second');
    const databases = new TenantDatabases(control, { refusesForgetful: true });
    for (const role of ['app', 'reader'] as const) {
      const pool = await databases.pool(id, role);
      const error: unknown = await pool.query('SELECT 1').catch((reason: unknown) => reason);
      expect(error).toMatchObject({ message: expect.stringContaining('fsync is off') });
      expect(isOutage(error)).toBe(true);
    }
    await databases.close();
  });

  it('starts without a server that is away, and says which', async () => {
    const { adminUrl, secret } = at;
    const servers = { second: second.url, gone: 'postgres://127.0.0.1:1/postgres' };
    expect(await provision({ adminUrl, secret, servers, models })).toEqual(['gone']);
  });

  it('is told of them by a setting of JSON, and of what is wrong with it', () => {
    const DATABASE_URL = at.adminUrl;
    const parse = (PARLEY_SERVERS?: string) =>
      installationSettings.safeParse({ DATABASE_URL, PARLEY_SERVERS });
    expect(parse().data?.PARLEY_SERVERS).toEqual({});
    expect(parse('{"a":"postgres://a:5432"}').data?.PARLEY_SERVERS).toEqual({
      a: 'postgres://a:5432',
    });
    for (const wrong of ['{', '[]', '{"a":"http://a"}', '{"a":1}'])
      expect(parse(wrong).success).toBe(false);
  });
});
