import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, startFaultProxy } from '@parley/testing';
import { ControlDatabase, TenantDatabases, UnroutableRecords } from '../src/index.js';
import { anInstallation, rowsOf } from './installation.js';

let at: Awaited<ReturnType<typeof anInstallation>>;
let ids: string[];
const opened: TenantDatabases[] = [];

beforeAll(async () => {
  at = await anInstallation();
  ids = [];
  for (const name of ['one', 'two', 'three']) {
    ids.push((await at.tenants.create(name, at.adminUrl)).id);
  }
}, 60_000);

afterEach(() => Promise.all(opened.splice(0).map((databases) => databases.close())));

afterAll(() => at.stop());

function open(maxPools?: number) {
  const databases = new TenantDatabases(at.control, { maxPools, connectionsPerPool: 2 });
  opened.push(databases);
  return databases;
}

/** Connections that each tenant's roles hold, as the server sees them. */
async function held(): Promise<Record<string, number>> {
  const rows = await rowsOf(
    at.adminUrl,
    `SELECT datname, count(*)::int AS n FROM pg_stat_activity WHERE usename LIKE 't\\_%' GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ datname, n }) => [String(datname), Number(n)]));
}

const whoAmI = 'SELECT current_user::text AS name, current_database()::text AS database';

describe('tenant databases', () => {
  it('connect to the tenant’s database under the role that is asked for', async () => {
    const databases = open();
    const [one] = ids as [string];
    for (const role of ['app', 'reader'] as const) {
      const { rows } = await (await databases.pool(one, role)).query(whoAmI);
      expect(rows).toEqual([{ name: `${one}_${role}`, database: one }]);
    }
  });

  it('are closed although a database does not answer', async () => {
    const proxy = await startFaultProxy({ target: at.adminUrl });
    const access = { ...at.access, serverUrl: proxy.through(at.adminUrl) };
    const control = await ControlDatabase.open(access);
    const databases = new TenantDatabases(control);
    const pool = await databases.pool(ids[0]!, 'app');
    await pool.query('SELECT 1');
    proxy.setMode({ kind: 'black-hole' });
    const unanswered = pool.query('SELECT 1').catch(() => undefined);
    await databases.close();
    proxy.setMode({ kind: 'cut' });
    await unanswered;
    await control.close();
    await proxy.close();
  });

  it('are let go of by the server soon after their client was cut off', async () => {
    const pool = await open().pool(ids[0]!, 'app');
    const { rows } = await pool.query(
      "SELECT name, setting FROM pg_settings WHERE name LIKE 'tcp\\_keepalives%' ORDER BY name",
    );
    expect(rows).toEqual([
      { name: 'tcp_keepalives_count', setting: '3' },
      { name: 'tcp_keepalives_idle', setting: '10' },
      { name: 'tcp_keepalives_interval', setting: '5' },
    ]);
  });

  it('refuse a tenant that is not there, whatever its id looks like', async () => {
    const databases = open();
    for (const id of [`t_${'0'.repeat(20)}`, 'postgres', 'parley_control', '', 'a\0b']) {
      await expect(databases.pool(id, 'app')).rejects.toMatchObject({ code: 'tenant/unknown' });
    }
  });

  it('give the same pool to all who ask for it', async () => {
    const databases = open();
    const pools = await Promise.all([1, 2, 3].map(() => databases.pool(ids[0]!, 'app')));
    expect(new Set(pools).size).toBe(1);
  });

  it('close the connections of the pool used longest ago when there are too many', async () => {
    const databases = open(2);
    for (const id of ids) await (await databases.pool(id, 'app')).query('SELECT 1');
    await eventually(async () => expect(await held()).toEqual({ [ids[1]!]: 1, [ids[2]!]: 1 }));
  });

  it('never close a connection under its user, and close it once it is given back', async () => {
    const databases = open(1);
    const [one, two] = ids as [string, string];
    const client = await (await databases.pool(one, 'app')).connect();
    await client.query('BEGIN');
    const other = await (await databases.pool(two, 'app')).connect();
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await client.query('COMMIT');
    client.release();
    await eventually(async () => expect(await held()).toEqual({ [two]: 1 }));
    other.release();
  });

  it('serve a pool that somebody kept while its connections were closed', async () => {
    const databases = open(1);
    const kept = await databases.pool(ids[0]!, 'app');
    await kept.query('SELECT 1');
    await (await databases.pool(ids[1]!, 'app')).query('SELECT 1');
    await eventually(async () => expect(await held()).toEqual({ [ids[1]!]: 1 }));
    expect((await kept.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }]);
  });

  it('outlive connections that are cut', async () => {
    const databases = open();
    const pool = await databases.pool(ids[0]!, 'app');
    await pool.query('SELECT 1');
    await rowsOf(
      at.adminUrl,
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
      [ids[0]],
    );
    await eventually(async () => (await pool.query('SELECT 1')).rowCount === 1);
  });
});

describe('records of nobody', () => {
  it('are kept once by their coordinates', async () => {
    const unroutable = new UnroutableRecords(at.control);
    const from = { bus: 'b', incarnation: 1, group: 'ingestion', topic: 'x', partition: 0 };
    const record = { offset: 7, key: null, headers: { h: Buffer.from([0, 255]) }, value: null };
    await unroutable.keep(from, [record], 'unknown_tenant');
    await unroutable.keep(from, [record, { ...record, offset: 8 }], 'unknown_tenant');
    const rows: unknown = await at.control.rows.query(
      'SELECT "offset", reason, headers FROM unroutable_records ORDER BY "offset"',
    );
    expect(rows).toEqual([
      { offset: '7', reason: 'unknown_tenant', headers: { h: 'AP8=' } },
      { offset: '8', reason: 'unknown_tenant', headers: { h: 'AP8=' } },
    ]);
  });
});
