import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer } from '@parley/testing';
import pg from 'pg';
import { readConfig } from '../src/config.js';
import { withInstallation } from '../src/installation.js';
import { runCli } from '../src/run-cli.js';
import { openConversations } from './a-log.js';

let server: TestServer;
let second: TestServer;
let home: string;
let env: Record<string, string>;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'parley-cli-test-'));
  [server, second] = await Promise.all([startTestServer(), startTestServer()]);
  const servers = JSON.stringify({ second: second.url });
  env = { DATABASE_URL: server.url, PARLEY_HOME: home, PARLEY_SERVERS: servers };
}, 60_000);

afterAll(async () => {
  await Promise.all([server.stop(), second.stop()]);
  await rm(home, { recursive: true, force: true });
});

async function parley(...argv: string[]) {
  const written = { out: '', err: '' };
  const code = await runCli({
    argv,
    env,
    output: {
      out: (text) => void (written.out += text),
      err: (text) => void (written.err += text),
    },
  });
  return { code, ...written };
}

/** The document that a command prints, and nothing but it. */
async function json<T = Record<string, unknown>>(...argv: string[]) {
  const { code, out, err } = await parley(...argv, '--json');
  expect(err).toBe('');
  return { code, document: JSON.parse(out) as T };
}

async function asAdmin(database: string, ...statements: string[]) {
  const url = new URL(server.url);
  url.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  for (const sql of statements) await client.query(sql);
  await client.end();
}

async function aTenant(name: string, conversations = 0): Promise<string> {
  const { document } = await json<{ id: string }>('tenants', 'create', name);
  await withInstallation(readConfig(env), async ({ databases }) =>
    openConversations(await databases.pool(document.id, 'app'), conversations),
  );
  return document.id;
}

describe('parley tenants', () => {
  it('creates a tenant once and lists it', async () => {
    const { document } = await json('tenants', 'create', 'Acme');
    expect(document).toEqual({ id: expect.stringMatching(/^t_[0-9a-f]{20}$/), name: 'Acme' });
    expect((await json('tenants', 'list')).document).toEqual([
      { ...document, created_at: expect.any(String) },
    ]);
    expect((await parley('tenants', 'list')).out).toContain('Acme');
    expect(await parley('tenants', 'create', 'Acme')).toEqual({
      code: 1,
      out: '',
      err: 'parley: a tenant of that name exists (tenant/name-taken)\n',
    });
  });

  it('says what went wrong as JSON where JSON was asked for', async () => {
    const { code, out, err } = await parley('tenants', 'create', '', '--json');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'tenant/invalid-name' } });
  });

  it.each([
    [['tenants', 'rename']],
    [['keys', 'create', '--tenant', 'x']],
    [['rebuild', '--check', '--rollback']],
    [['rebuild', '--check', '--search']],
    [['nonsense']],
  ])('refuses %j in one line', async (argv) => {
    const { code, out, err } = await parley(...argv);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^parley: .+\n$/);
  });

  it('explains itself', async () => {
    expect(await parley('--help')).toMatchObject({ code: 0, out: expect.stringContaining('keys') });
  });
});

describe('parley keys', () => {
  it('creates a key, lists it without it, and revokes it', async () => {
    const tenant = await aTenant('keys');
    const ofTenant = ['--tenant', 'keys'];
    const asked = ['--kind', 'api-key', '--scopes', 'read,admin', '--name', 'reports'];
    const { document } = await json<{ id: string; key: string }>(
      'keys',
      'create',
      ...ofTenant,
      ...asked,
    );
    expect(document).toEqual({
      id: expect.any(String),
      kind: 'api-key',
      tenant,
      key: expect.stringMatching(/^avk_[0-9A-Za-z]{38}$/),
    });
    const listed = await json('keys', 'list', ...ofTenant);
    expect(listed.document).toMatchObject([
      { id: document.id, name: 'reports', scopes: ['read', 'admin'], expires_at: null },
    ]);
    expect(JSON.stringify(listed)).not.toContain(document.key);
    expect((await json('keys', 'revoke', document.id)).document).toEqual({
      id: document.id,
      revoked: true,
    });
    expect((await json('keys', 'list', ...ofTenant)).document).toEqual([]);
    expect((await parley('keys', 'revoke', document.id)).code).toBe(1);
  });

  it('takes an expiry with a zone and refuses other times, kinds and tenants', async () => {
    await aTenant('limits');
    const create = (...more: string[]) => parley('keys', 'create', '--json', ...more);
    const ofTenant = ['--tenant', 'limits', '--kind'];
    const good = await create(...ofTenant, 'api-key', '--expires', '2999-01-01T00:00:00+02:00');
    expect(good.code).toBe(0);
    for (const argv of [
      [...ofTenant, 'api-key', '--expires', '2999-01-01T00:00:00'],
      [...ofTenant, 'api-key', '--expires', '2999-02-30T00:00:00Z'],
      [...ofTenant, 'token'],
      ['--tenant', 'nobody', '--kind', 'api-key'],
    ]) {
      expect(await create(...argv)).toMatchObject({ code: 1, out: '' });
    }
  });
});

describe('parley log verify', () => {
  it('says how far a log that fits goes', async () => {
    await aTenant('fits', 5);
    const { code, document } = await json('log', 'verify', '--tenant', 'fits');
    expect(code).toBe(0);
    expect(document).toMatchObject({ ok: true, tenants: [{ name: 'fits', ok: true, head: 5 }] });
  });

  it('names the position of a payload that was changed behind the triggers, and fails', async () => {
    const id = await aTenant('tampered', 5);
    await asAdmin(
      id,
      'SET session_replication_role = replica',
      'ALTER TABLE conversation_events DISABLE TRIGGER ALL',
      `UPDATE conversation_events SET hash = sha256('other') WHERE position = 3`,
    );
    const { code, document } = await json('log', 'verify', '--tenant', 'tampered');
    expect(code).toBe(1);
    expect(document).toMatchObject({
      ok: false,
      tenants: [{ tenant: id, ok: false, position: 3, reason: 'hash_mismatch' }],
    });
    const all = await parley('log', 'verify');
    expect(all.code).toBe(1);
    expect(all.out).toContain('tampered: position 3 does not fit');
  });
});

describe('parley rebuild --check', () => {
  it('prints rows and checksums of both sides, and fails where they differ', async () => {
    const id = await aTenant('rebuilt', 4);
    const check = () =>
      json<{ tenants: { tables: Record<string, unknown>[] }[] }>(
        'rebuild',
        '--check',
        '--tenant',
        'rebuilt',
      );
    const equal = await check();
    expect(equal.code).toBe(0);
    const table = equal.document.tenants[0]?.tables.find((t) => t['table'] === 'conversations');
    expect(table).toMatchObject({ liveRows: 4, rebuiltRows: 4, firstDifference: null });
    expect(table?.['liveChecksum']).toBe(table?.['rebuiltChecksum']);
    await asAdmin(id, `DELETE FROM rm_2.conversations WHERE conversation_id = 'conv_2'`);
    const different = await check();
    expect(different).toMatchObject({ code: 1, document: { ok: false } });
    expect((await parley('rebuild', '--check', '--tenant', 'rebuilt')).out).toContain('DIFFERENT');
  });
});

describe('parley rebuild', () => {
  it('has new read models served, and the former ones again, and drops what is not served', async () => {
    await aTenant('renewed', 4);
    const run = (...options: string[]) => json('rebuild', '--tenant', 'renewed', ...options);
    const served = (from: string, to: string) => ({
      code: 0,
      document: { ok: true, tenants: [{ ok: true, from: { schema: from }, to: { schema: to } }] },
    });
    expect(await run()).toMatchObject(served('rm_2', 'rm_2_1'));
    expect(await run('--rollback')).toMatchObject(served('rm_2_1', 'rm_2'));
    expect(await run('--outdated')).toMatchObject({ code: 0, document: { tenants: [] } });
    expect((await parley('rebuild', '--drop-old', '--tenant', 'renewed')).out).toBe(
      'renewed: dropped retired_rm_2_1\n',
    );
    const again = await parley('rebuild', '--rollback', '--tenant', 'renewed');
    expect(again).toMatchObject({
      code: 1,
      err: 'parley: no former read models are kept here (rebuild/nothing-kept)\n',
    });
  });

  it('works on the server that a tenant’s database is on', async () => {
    await json('tenants', 'create', 'afar', '--server', 'second');
    for (const mode of [[], ['--rollback'], ['--drop-old'], ['--search']])
      expect(await json('rebuild', '--tenant', 'afar', ...mode)).toMatchObject({ code: 0 });
  });

  it('refuses what differs and names it, until it is told why to accept it', async () => {
    const id = await aTenant('spoilt', 4);
    await asAdmin(id, `UPDATE rm_2.conversations SET message_count = 7`);
    const refused = await parley('rebuild', '--tenant', 'spoilt');
    expect(refused.code).toBe(1);
    expect(refused.out).toContain('conversations, live 4 rows');
    expect(refused.out).toContain('rm_2_1 differs from rm_2, which is served as before');
    const why = ['--accept-differences', 'counts were wrong'];
    const accepted = await parley('rebuild', '--tenant', 'spoilt', ...why);
    expect(accepted.code).toBe(0);
    expect(accepted.out).toMatch(
      /spoilt: rm_2_1 is served in place of rm_2 \(0 events, .* waited \d+ ms/,
    );
  });
});

describe('parley rebuild --search', () => {
  it('builds a search index of what the log holds', async () => {
    const id = await aTenant('searched', 3);
    const { code, out } = await parley('rebuild', '--search', '--tenant', 'searched');
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(
        /^searched: 3 texts are indexed, to position 3 \(\d+ a second\)\n$/,
      ),
    });
    await asAdmin(id, 'TRUNCATE search_1.texts');
    expect(await json('rebuild', '--search', '--tenant', 'searched')).toMatchObject({
      document: { ok: true, tenants: [{ tenant: id, texts: 3, position: 3 }] },
    });
  });
});

describe('parley without DATABASE_URL', () => {
  it('finds the embedded database of its home, whether it runs or not', async () => {
    const own = await mkdtemp(join(tmpdir(), 'parley-home-test-'));
    env = { PARLEY_HOME: own };
    const { document } = await json<{ id: string }>('tenants', 'create', 'embedded');
    await withInstallation(readConfig(env), async () => {
      expect((await json('tenants', 'list')).document).toMatchObject([document]);
    });
    await rm(own, { recursive: true, force: true });
  }, 60_000);
});
