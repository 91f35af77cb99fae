import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer } from '@parley/testing';
import pg from 'pg';
import { EventStore } from '../src/event-store.js';
import {
  initializeLog,
  migrateTenantDatabase,
  tenantMigrations,
} from '../src/migrations/tenant-migrations.js';
import { renewEmptyReadModels } from '../src/rebuild/renew-empty.js';
import { fillBox, models, nextModels } from './store.fixtures.js';

describe('the migrations of a tenant’s database', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  }, 30_000);
  afterAll(() => server.stop());

  const urlOf = (database: string, user?: string) => {
    const url = new URL(server.url);
    url.pathname = `/${database}`;
    if (user) url.username = url.password = user;
    return url.href;
  };

  async function run(database: string, ...statements: string[]): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: urlOf(database) });
    await client.connect();
    let result: pg.QueryResult | undefined;
    for (const sql of statements) result = await client.query(sql);
    await client.end();
    return result!;
  }

  it('run for several databases of a fresh server at once, and again', async () => {
    const names = ['test_a', 'test_b', 'test_c'];
    await run('postgres', ...names.map((name) => `CREATE DATABASE ${name}`));
    const migrate = () =>
      Promise.all([...names, ...names].map((n) => migrateTenantDatabase(urlOf(n), models)));
    await migrate();
    await migrate();
    const { rows } = await run('test_b', 'SELECT count(*)::int AS n FROM schema_migrations');
    expect(rows).toEqual([{ n: tenantMigrations(models).length }]);
  });

  it('need no superuser', async () => {
    await run(
      'postgres',
      `CREATE ROLE test_admin LOGIN CREATEDB CREATEROLE PASSWORD 'test_admin'`,
      'GRANT parley_owner, parley_eraser TO test_admin WITH ADMIN OPTION',
      'CREATE DATABASE test_plain OWNER test_admin',
    );
    await migrateTenantDatabase(urlOf('test_plain', 'test_admin'), models);
    const { rows } = await run(
      'test_plain',
      `SELECT proowner::regrole::text AS owner FROM pg_proc WHERE proname = 'erase_stream'`,
    );
    expect(rows).toEqual([{ owner: 'parley_eraser' }]);
    await renewEmptyReadModels(urlOf('test_plain', 'test_admin'), nextModels);
    await renewEmptyReadModels(urlOf('test_plain', 'test_admin'), nextModels);
    const schemas = await run('test_plain', 'SELECT name, version, state FROM read_model_schemas');
    expect(schemas.rows).toEqual([{ name: 'rm_2', version: 2, state: 'active' }]);
  });

  it('make a template whose copies each get an identity of their own, once', async () => {
    const identities: string[] = [];
    for (const name of ['test_copy_1', 'test_copy_2']) {
      await run('postgres', `CREATE DATABASE ${name} TEMPLATE test_a`);
      const pool = new pg.Pool({ connectionString: urlOf(name) });
      const store = new EventStore(pool, models);
      await expect(fillBox(store, 'too early', 1)).rejects.toThrow('initializeLog()');
      const client = await pool.connect();
      await initializeLog(client);
      await initializeLog(client);
      const { rows } = await client.query<{ log_id: string }>('SELECT log_id FROM log_identity');
      identities.push(...rows.map((row) => row.log_id));
      client.release();
      await fillBox(store, 'first', 1);
      expect([await store.head(), store.isBehind]).toEqual([2, false]);
      await pool.end();
    }
    expect(new Set(identities).size).toBe(2);
    expect(identities).toHaveLength(2);
  });
});
