import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, eventually, type TestDatabase } from '@parley/testing';
import pg from 'pg';
import { EventStore } from '../src/event-store.js';
import { readFollower } from '../src/log/log-followers.js';
import { verifyLog } from '../src/log/verify-log.js';
import { initializeLog, migrateTenantDatabase } from '../src/migrations/tenant-migrations.js';
import { exportTenant } from '../src/portability/export-tenant.js';
import { EXPORTED_TABLES } from '../src/portability/exported-tables.js';
import { importTenant, openExport } from '../src/portability/import-tenant.js';
import { type Manifest } from '../src/portability/manifest.js';
import { rebuildCheck } from '../src/rows/rebuild-check.js';
import { SEARCH_SCHEMA } from '../src/search/search-schema.js';
import {
  added,
  append,
  boxes,
  createTenant,
  deleteBox,
  fillBox,
  models,
  nextModels,
  type TestTenant,
  things,
} from './store.fixtures.js';

const TENANT = { id: 't_00000000000000000001', name: 'Ünïcode "Ltd"' };
const ODD = 'a\u2028b\tc\\d"e\u0001 🎉 \\x00 \u007f';
const HEADERS = '{"h": "\\u0000\\ud800", "n": 12345678901234567890.10}';
const SMALL = Buffer.from([0, 255]);

describe('an exported tenant', () => {
  const databases: TestDatabase[] = [];
  let folder: string;
  let source: TestTenant;
  let manifest: Manifest;

  const into = () => join(folder, randomUUID());
  const exported = (directory: string, versions = models) =>
    exportTenant({ pool: source.app, versions, tenant: TENANT, directory, actor: 'cli' });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-export-test-'));
    source = await createTenant();
    const kept = await fillBox(source.store, 'kept', 1500);
    const gone = await fillBox(source.store, 'gone', 30);
    await source.store.transact('bulk', async (tx) => {
      await tx.rows.load(boxes, [{ stream_id: kept, item: '' }]);
      await tx.rows.load(things, [{ stream_id: kept, item: 'odd' }]);
      append(tx, kept, 1502, added('odd', ODD));
    });
    await deleteBox(source.store, gone, 32);
    await source.admin.query('UPDATE log_followers SET position = 1534');
    // More than is read and taken in at a time.
    for (const [n, value] of [SMALL, Buffer.alloc(5_000_000, 7), SMALL].entries())
      await source.admin.query(
        `INSERT INTO dead_letters (id, arrived_at, door, reason, detail, headers, value, attempts, first_failed_at, last_failed_at)
         VALUES ($1, '2026-01-15 10:30:00.123456+02', 'kafka', 'bad_json', 'is none', $2, $3, 1, now(), now())`,
        [`00000000-0000-4000-8000-00000000000${n}`, HEADERS, value],
      );
    ({ manifest } = await exported(join(folder, 'export')));
  }, 60_000);
  afterAll(async () => {
    await source.drop();
    for (const database of databases) await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A tenant's database as tenancy makes it, with nothing in it yet. */
  async function anEmptyOne(versions = models): Promise<string> {
    const database = await createTestDatabase();
    databases.push(database);
    await migrateTenantDatabase(database.url, versions);
    await onDatabase(database.url, initializeLog);
    return database.url;
  }

  async function imported(directory: string, versions = models): Promise<string> {
    const adminUrl = await anEmptyOne(versions);
    await importTenant({ adminUrl, versions, actor: 'cli' }, await openExport(directory));
    return adminUrl;
  }

  it('holds every table of the database but those that are derived or say what was done to it', async () => {
    const { rows } = await source.admin.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition`,
    );
    const derived = ['read_model_schemas', 'schema_migrations'];
    expect(rows.map(({ name }) => name).sort()).toEqual(
      [...EXPORTED_TABLES.map(({ name }) => name), ...derived].sort(),
    );
  });

  it('is one line of JSON a row, sorted, and readable by its owner alone', async () => {
    const directory = join(folder, 'export');
    for (const { table, rows, bytes, sha256 } of manifest.files) {
      const content = await readFile(join(directory, `${table}.jsonl`));
      const lines = content.toString('utf8').split('\n').slice(0, -1);
      expect([table, lines.length, content.length]).toEqual([table, rows, bytes]);
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
      for (const line of lines.slice(0, 10)) expect(JSON.parse(line)).toBeInstanceOf(Object);
      expect((await stat(join(directory, `${table}.jsonl`))).mode & 0o777).toBe(0o600);
    }
    expect((await stat(join(directory, 'manifest.json'))).mode & 0o777).toBe(0o600);
    expect(manifest.log.head).toBe(1534);
  });

  it('comes out of another database as it went in, byte for byte, but for the epoch', async () => {
    const url = await imported(join(folder, 'export'));
    await onDatabase(url, async (client) => {
      await expect(verifyLog(client)).resolves.toMatchObject({ ok: true, hash: manifest.log.hash });
      const { rows } = await client.query(
        `SELECT headers::text, value, arrived_at = '2026-01-15T08:30:00.123456Z' AS is_then FROM dead_letters ORDER BY id`,
      );
      // A search index is filled again, from the beginning.
      expect(await readFollower(client, SEARCH_SCHEMA)).toBe(0);
      expect(await readFollower(client, 'relay')).toBe(1534);
      expect(rows).toHaveLength(3);
      expect(rows[0]).toEqual({ headers: HEADERS, value: SMALL, is_then: true });
    });
    const pool = new pg.Pool({ connectionString: url });
    const again = await exportTenant({
      ...{ pool, versions: models, tenant: TENANT, directory: into(), actor: 'cli' },
    });
    const tables = await rebuildCheck(pool, models);
    await pool.end();
    const changed = ['log_identity', 'audit_events'];
    const same = ({ table }: { table: string }) => !changed.includes(table);
    expect(again.manifest.files.filter(same)).toEqual(manifest.files.filter(same));
    expect(again.manifest.log).toEqual({ ...manifest.log, epoch: 2 });
    expect(again.manifest.read_models).toEqual(manifest.read_models);
    expect(tables.map((t) => [t.table, t.liveChecksum, t.rebuiltChecksum])).toEqual(
      manifest.read_models.tables.map((t) => [t.table, t.checksum, t.checksum]),
    );
  }, 60_000);

  it('goes on from its end in the new database, and counts what it counted', async () => {
    const url = await imported(join(folder, 'export'));
    await onDatabase(url, async (client) => {
      await client.query(
        `INSERT INTO audit_events (actor, action, subject, details) VALUES ('cli', 'a', 'b', '{}')`,
      );
      const { rows } = await client.query(
        `SELECT action, subject, details->>'former_id' AS former FROM audit_events ORDER BY id`,
      );
      expect(rows).toEqual([
        { action: 'tenant.export', subject: TENANT.id, former: null },
        { action: 'tenant.import', subject: new URL(url).pathname.slice(1), former: TENANT.id },
        { action: 'a', subject: 'b', former: null },
      ]);
    });
    const pool = new pg.Pool({ connectionString: url });
    const store = new EventStore(pool, models);
    await fillBox(store, 'later', 10);
    await expect(verifyLog(pool)).resolves.toMatchObject({ ok: true, events: 1545 });
    await pool.end();
  }, 60_000);

  it('is compared also where the new database serves read models of a later version', async () => {
    const url = await imported(join(folder, 'export'), nextModels);
    await onDatabase(url, async (client) => {
      const { rows } = await client.query('SELECT name, state FROM read_model_schemas');
      expect(rows).toEqual([{ name: 'rm_2', state: 'active' }]);
      const sizes = await client.query('SELECT count(*)::int AS n FROM rm_2.things WHERE size > 0');
      expect(sizes.rows).toEqual([{ n: 1501 }]);
    });
  }, 60_000);

  it('is of one moment, also while it is written to', async () => {
    const directory = into();
    const writing = (async () => {
      for (let n = 0; n < 20; n++) await fillBox(source.store, `meanwhile-${n}`, 5);
    })();
    await exported(directory);
    await writing;
    const found = await openExport(directory);
    expect(found.manifest.files.find(({ table }) => table === 'conversation_events')?.rows).toBe(
      found.manifest.log.head,
    );
    await imported(directory);
  }, 60_000);

  it('is given up, and nothing waits, where a file can’t be written while its rows are sent', async () => {
    const other = await createTenant();
    await other.admin.query(
      `INSERT INTO dead_letters (id, arrived_at, door, reason, detail, value, attempts, first_failed_at, last_failed_at)
       VALUES (gen_random_uuid(), now(), 'kafka', 'bad_json', 'is none', decode(repeat('00', 40000000), 'hex'), 1, now(), now())`,
    );
    const holder = await other.admin.connect();
    await holder.query('BEGIN; LOCK TABLE audit_events');
    const directory = into();
    const request = { pool: other.app, versions: models, tenant: TENANT, directory, actor: 'cli' };
    const exporting = exportTenant(request);
    await eventually(async () => {
      const waiting = `SELECT FROM pg_locks WHERE relation = 'audit_events'::regclass AND NOT granted`;
      expect((await other.admin.query(waiting)).rowCount).toBe(1);
    });
    await writeFile(join(directory, 'dead_letters.jsonl'), '');
    await holder.query('COMMIT');
    holder.release();
    await expect(exporting).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(openExport(directory)).rejects.toMatchObject({ code: 'export/unreadable' });
    await other.drop();
  }, 20_000);

  it('is not made of a log that does not fit, nor in a directory that holds something', async () => {
    await expect(exported(join(folder, 'export'))).rejects.toMatchObject({
      code: 'export/not-empty',
    });
    const other = await createTenant();
    await fillBox(other.store, 'bad', 3);
    await other.admin.query(`ALTER TABLE event_payloads DISABLE TRIGGER ALL;
      ALTER TABLE event_payloads_000001 DISABLE TRIGGER ALL;
      UPDATE event_payloads SET body = '{}' WHERE position = 2`);
    const directory = into();
    const request = { pool: other.app, versions: models, tenant: TENANT, directory, actor: 'cli' };
    await expect(exportTenant(request)).rejects.toMatchObject({
      code: 'export/log-defect',
      message: 'position 2 of the log does not fit (payload_mismatch)',
    });
    await expect(openExport(directory)).rejects.toMatchObject({ code: 'export/unreadable' });
    await other.drop();
  });

  describe('that was changed', () => {
    let directory: string;
    const file = (table: string) => join(directory, `${table}.jsonl`);

    async function change(table: string, how: (text: string) => string, isSigned = false) {
      directory = into();
      await exported(directory);
      const text = how(await readFile(file(table), 'utf8'));
      await writeFile(file(table), text);
      if (!isSigned) return;
      const path = join(directory, 'manifest.json');
      const signed = JSON.parse(await readFile(path, 'utf8')) as Manifest;
      const entry = signed.files.find((one) => one.table === table)!;
      entry.bytes = Buffer.byteLength(text);
      entry.sha256 = createHash('sha256').update(text).digest('hex');
      entry.rows = text.split('\n').length - 1;
      await writeFile(path, JSON.stringify(signed));
    }

    it.each([
      ['cut off', (text: string) => text.slice(0, -20)],
      ['a line short', (text: string) => text.replace(/^.*\n/, '')],
      ['one letter different', (text: string) => text.replace('thing-7', 'thing-8')],
      ['longer', (text: string) => `${text}\n`],
    ])('is refused with the name of the file that is %s', async (_, how) => {
      await change('event_payloads', how);
      await expect(openExport(directory)).rejects.toMatchObject({
        code: 'export/altered',
        message: expect.stringContaining('event_payloads.jsonl'),
      });
    });

    it('is refused where a file is missing', async () => {
      await change('receipts', (text) => text);
      await rm(file('receipts'));
      const message = expect.stringContaining('receipts.jsonl is missing');
      await expect(openExport(directory)).rejects.toMatchObject({ message });
    });

    it.each([
      ['event_payloads', (text: string) => text.replace('thing-7', 'thing-8'), 'export/log-defect'],
      ['event_payloads', (text: string) => text.replace(/^.*\n/, ''), 'export/log-defect'],
      ['conversation_events', (text: string) => text.replace(/.*\n$/, ''), 'export/log-defect'],
      ['conversation_events', (text: string) => text.replace('2023', '2022'), 'export/log-defect'],
      ['conversation_events', (text: string) => text.replace(/^(.*\n)/, '$1$1'), 'export/altered'],
      ['dead_letters', () => '{"id": "none"}\n', 'export/altered'],
      ['log_identity', () => '', 'export/log-defect'],
      ['log_followers', (text: string) => text.replace('relay', 'search_9; --'), 'export/altered'],
    ])('in %s is refused even where its manifest was adapted', async (table, how, code) => {
      await change(table, how, true);
      await expect(imported(directory)).rejects.toMatchObject({ code });
    });

    it('of an earlier release, without followers of the log, is followed from its beginning', async () => {
      directory = into();
      await exported(directory);
      const path = join(directory, 'manifest.json');
      const { files, ...rest } = JSON.parse(await readFile(path, 'utf8')) as Manifest;
      const known = files.filter(({ table }) => table !== 'log_followers');
      await writeFile(path, JSON.stringify({ ...rest, files: known }));
      await onDatabase(await imported(directory), async (client) => {
        const relay = `SELECT position FROM log_followers WHERE name = 'relay'`;
        expect((await client.query(relay)).rows).toEqual([{ position: '0' }]);
      });
    });

    it('is refused where read models would be others than those that were served', async () => {
      directory = into();
      await source.admin.query(`UPDATE rm_1.things SET content = 'other' WHERE thing_id = 'odd'`);
      await exported(directory);
      await source.admin.query(`UPDATE rm_1.things SET content = $1 WHERE thing_id = 'odd'`, [ODD]);
      await expect(imported(directory)).rejects.toMatchObject({
        code: 'export/read-models-differ',
        message: expect.stringContaining('things'),
      });
    });

    it.each([
      [{ format_version: 2 }, 'export/unknown-format'],
      [{ format: 'other' }, 'export/unreadable'],
      [{ files: [] }, 'export/unreadable'],
      [
        { files: [{ table: 'futures', columns: [], rows: 0, bytes: 0, sha256: '0'.repeat(64) }] },
        'export/later-release',
      ],
    ])('to %j is not taken for an export of this format', async (part, code) => {
      directory = into();
      await exported(directory);
      const path = join(directory, 'manifest.json');
      const changed = { ...(JSON.parse(await readFile(path, 'utf8')) as Manifest), ...part };
      await writeFile(path, JSON.stringify(changed));
      await expect(openExport(directory)).rejects.toMatchObject({ code });
    });
  });
});

async function onDatabase(url: string, work: (client: pg.Client) => Promise<unknown>) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
