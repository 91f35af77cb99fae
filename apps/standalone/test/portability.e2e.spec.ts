import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { partnerTopic } from '@parley/contracts';
import { ensurePartnerTopic, Partners } from '@parley/tenancy';
import { eventually, runTypeScript } from '@parley/testing';
import { type Answer } from './support/api.js';
import { Home } from './support/home.js';

const CLI = join(import.meta.dirname, '..', '..', 'cli', 'src', 'main.ts');
const HEADER = { agent: 'bot', timestamp: '2026-01-15T10:30:00Z', is_resolved: false };
const POLICY = { validators: [{ kind: 'email', action: 'mask' }] };

interface Sum {
  readonly table: string;
  readonly rows: number;
  readonly checksum: string;
}

interface Moved {
  readonly id: string;
  readonly manifest_sha256: string;
  readonly log: { readonly epoch: number; readonly head: number; readonly hash: string };
  readonly read_models: { readonly compared?: boolean; readonly tables: readonly Sum[] };
  readonly events: number;
  readonly bytes: number;
  readonly seconds: number;
}

describe('a tenant that moves to another home', () => {
  let from: Home;
  let to: Home;
  let folder: string;
  let directory: string;
  let exported: Moved;
  let imported: Moved;
  let key: string;
  let receipt: string;

  /** What a command prints, of a process of its own. */
  async function parley<T>(home: Home, ...args: string[]): Promise<T> {
    const { out, err } = await run(home, ...args);
    expect(err).toBe('');
    return JSON.parse(out) as T;
  }

  async function run(home: Home, ...args: string[]) {
    const child = runTypeScript(CLI, {
      args: [...args, '--json'],
      env: { PARLEY_HOME: home.path },
    });
    const [out, err] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
    return { out, err };
  }

  async function refused(...args: string[]): Promise<{ code: string; message: string }> {
    const { out, err } = await run(to, 'tenants', 'import', ...args);
    expect(out).toBe('');
    return (JSON.parse(err) as { error: { code: string; message: string } }).error;
  }

  const message = (conversation_id: string, message_id: string, content: string) => ({
    ...{ conversation_id, message_id, content, role: 'customer', sender_id: 'c' },
    timestamp: '2026-01-15T10:31:00Z',
  });

  /** Sends until it is taken: on a slow machine an answer, or that of an item, can be 503, and repeating is harmless. */
  function taken(path: string, body: object): ReturnType<typeof from.api.post> {
    const send = async () => {
      const answer = await from.api.post(path, body);
      expect([answer.status, JSON.stringify(answer.body)]).toEqual([
        200,
        expect.not.stringContaining('"status_code":503'),
      ]);
      return answer;
    };
    return eventually(send, { timeoutMs: 60_000 });
  }

  /** Conversations, revisions, a deletion, and what came to the partner's topic: early, and unreadable. */
  async function fill(): Promise<void> {
    const { api, tenant, installation } = from;
    expect((await api.put('redaction', POLICY)).status).toBe(200);
    for (let n = 0; n < 20; n += 1) {
      const conversation_id = `c-${n}`;
      await taken('conversations', { conversation_id, ...HEADER });
      const many = Array.from({ length: 100 }, (_, m) =>
        message(conversation_id, `m-${m}`, `${'Where is my order? '.repeat(10)} ${m} a@b.example`),
      );
      await taken('messages', many);
    }
    const revised = await taken('messages', message('c-1', 'm-1', 'revised \u2028 🎉'));
    receipt = revised.headers.get('parley-receipt') ?? '';
    expect((await api.delete('conversations/c-2')).status).toBe(200);
    const topic = partnerTopic(tenant);
    await ensurePartnerTopic(installation.bus, topic);
    await new Partners(installation.control).create(tenant, null);
    const { conversation_id: early, ...rest } = message('early', 'm-1', 'I was first');
    const records = [JSON.stringify({ ...rest, agent_id: 'bot', conversation_id: early }), '{"bad'];
    await installation.bus.publish(
      topic,
      records.map((value) => ({ key: 'early', headers: {}, value: Buffer.from(value) })),
    );
    const ledger = async () => [
      await from.count('waiting_records'),
      await from.count('dead_letters'),
    ];
    await eventually(async () => expect(await ledger()).toEqual([1, 1]), { timeoutMs: 30_000 });
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-test-'));
    directory = join(folder, 'export');
    from = await Home.start();
    to = await Home.start();
    await fill();
    const { tenant } = from;
    exported = await parley(from, 'tenants', 'export', '--tenant', 'demo', '--out', directory);
    imported = await parley(to, 'tenants', 'import', directory, '--name', 'moved');
    ({ key } = await parley<{ key: string }>(
      ...([to, 'keys', 'create', '--tenant', tenant, '--kind', 'api-key'] as const),
      ...['--scopes', 'ingest,read,admin'],
    ));
    for (const [what, { events, bytes, seconds }] of Object.entries({ exported, imported }))
      process.stderr.write(
        `${what} ${events} events, ${(bytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(2)} s\n`,
      );
  }, 180_000);
  afterAll(async () => {
    await from.stop();
    await to.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('has the same log, with a chain that verifies, and read models with the same checksums', async () => {
    expect(imported).toMatchObject({ id: from.tenant, manifest_sha256: exported.manifest_sha256 });
    expect(imported.log).toEqual({ ...exported.log, epoch: 2 });
    const verified = await parley<{ tenants: object[] }>(to, 'log', 'verify', '--tenant', 'moved');
    const { head, hash } = exported.log;
    expect(verified.tenants).toMatchObject([{ ok: true, head, hash }]);
    const check = await parley<{ ok: boolean; tenants: { tables: object[] }[] }>(
      ...([to, 'rebuild', '--check', '--tenant', 'moved'] as const),
    );
    expect(check.tenants[0]?.tables).toMatchObject(
      exported.read_models.tables.map(({ table, rows, checksum }) => ({
        ...{ table, liveRows: rows, rebuiltRows: rows },
        ...{ liveChecksum: checksum, rebuiltChecksum: checksum },
      })),
    );
    expect(imported.read_models).toEqual({ ...exported.read_models, compared: true });
  }, 60_000);

  it('answers as before: conversations, history, receipts, the policy of redaction', async () => {
    const paths = [
      ...Array.from({ length: 20 }, (_, n) => `conversations/c-${n}`),
      'conversations?limit=100',
      'conversations/c-1?as_of=150',
      'conversations/c-1/diff',
      `ingest/receipts/${receipt}`,
      'redaction',
    ];
    const there = to.apiOf(key);
    for (const path of paths) {
      const before = await from.api.get(path);
      const after = await there.get(path);
      expect([path, after.status, after.body]).toEqual([path, before.status, before.body]);
      expect([path, after.status]).toEqual([path, path === 'conversations/c-2' ? 404 : 200]);
    }
    const served = await there.get('conversations/c-1');
    expect(JSON.stringify(served.body)).toContain('[email]');
    const events = async (answer: Promise<Answer>) => (await answer).body['events'];
    expect(await events(there.get('events?after=0&limit=100'))).toEqual(
      await events(from.api.get('events?after=0&limit=100')),
    );
  }, 60_000);

  it('tells those who follow its log that it was restored', async () => {
    const answer = await to.apiOf(key).get('events?after=0&epoch=1');
    expect([answer.status, answer.body['code']]).toEqual([409, 'log_epoch_changed']);
  });

  it('is altered, cut off or there already: then it is refused, and nothing of it is left', async () => {
    const cases: [file: string, change: (path: string) => Promise<unknown>][] = [
      ['event_payloads.jsonl', async (path) => truncate(path, (await readFile(path)).length - 9)],
      ['receipts.jsonl', (path) => rm(path)],
    ];
    for (const [file, change] of cases) {
      const copy = join(folder, randomUUID());
      await cp(directory, copy, { recursive: true });
      await change(join(copy, file));
      const { code, message } = await refused(copy, '--name', 'broken', '--as-new');
      expect([code, message.includes(file)]).toEqual(['export/altered', true]);
    }
    expect(await refused(directory, '--name', 'again')).toMatchObject({ code: 'tenant/exists' });
    expect(await refused(directory, '--name', 'moved', '--as-new')).toMatchObject({
      code: 'tenant/name-taken',
    });
    const tenants = await parley<{ id: string; name: string }[]>(to, 'tenants', 'list');
    expect(tenants.map(({ name }) => name)).toEqual(['demo', 'moved']);
    expect(await to.databaseNames()).toEqual(tenants.map(({ id }) => id).sort());
  }, 120_000);

  it('goes on there: what was deleted stays so, and what waited is woken by its conversation', async () => {
    const there = to.apiOf(key);
    const again = await there.post('conversations', { conversation_id: 'c-2', ...HEADER });
    expect([again.status, again.body['code']]).toEqual([409, 'conversation_deleted']);
    const opened = await there.post('conversations', { conversation_id: 'early', ...HEADER });
    expect(opened.status).toBe(200);
    const { body } = await there.get('conversations/early');
    expect(body).toMatchObject({ messages: [{ message_id: 'm-1', content: 'I was first' }] });
    await expect(parley(to, 'log', 'verify', '--tenant', 'moved')).resolves.toMatchObject({
      ok: true,
      tenants: [{ head: exported.log.head + 2 }],
    });
  }, 60_000);

  it('can be taken in beside itself under another id', async () => {
    const beside = await parley<Moved>(
      ...([to, 'tenants', 'import', directory, '--as-new', '--name', 'beside'] as const),
    );
    expect(beside.id).not.toBe(from.tenant);
    expect(beside.read_models.tables).toEqual(exported.read_models.tables);
  }, 60_000);
});
