import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isTransient, listAuditEvents, migrateTenantDatabase } from '@parley/event-store';
import { startFaultProxy, startTestServer, type TestServer } from '@parley/testing';
import pg from 'pg';
import {
  DEFAULT_POLICY,
  policyIn,
  RedactionPolicies,
  type RedactionPolicy,
  type Redactor,
  setPolicy,
} from '../src/index.js';

const MASKS_MAIL: RedactionPolicy = {
  ...DEFAULT_POLICY,
  validators: [{ kind: 'email', action: 'mask' }],
};

describe('the redaction policies of a tenant', () => {
  let server: TestServer;
  let pool: pg.Pool;

  beforeAll(async () => {
    server = await startTestServer();
    await migrateTenantDatabase(server.url, [{ version: 1, models: [], events: [] }]);
    pool = new pg.Pool({ connectionString: server.url });
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  function masks(redactor: Redactor): boolean {
    const message = {
      ...{ message_id: 'm1', role: 'customer', sender_id: 's1', content: 'a@b.co' },
      timestamp: '2024-01-15T10:31:00Z',
    };
    const result = redactor.apply({
      type: 'RecordMessage',
      data: { conversation_id: 'c1', message },
    });
    return result.ok && result.value.redaction !== undefined;
  }

  it('are the default until there is one, then the newest, each with an audit event', async () => {
    expect(await policyIn(pool)).toMatchObject({ id: 0, policy: DEFAULT_POLICY, actor: null });
    const first = await setPolicy(pool, MASKS_MAIL, 'cli');
    const second = await setPolicy(pool, DEFAULT_POLICY, 'key:1');
    expect(await policyIn(pool)).toEqual(second);
    expect(first).toMatchObject({ id: second.id - 1, policy: MASKS_MAIL, actor: 'cli' });
    expect(await listAuditEvents(pool)).toMatchObject([
      { actor: 'key:1', action: 'redaction.set', subject: `redaction-policy:${second.id}` },
      { actor: 'cli', action: 'redaction.set', details: { policy: MASKS_MAIL } },
    ]);
  });

  it('hold in every process once the change is answered', async () => {
    const processes = [1, 2, 3].map(() => new RedactionPolicies(async () => pool));
    const before = await Promise.all(processes.map((one) => one.redactorOf('t')));
    expect(before.map(masks)).toEqual([false, false, false]);
    await setPolicy(pool, MASKS_MAIL, 'cli');
    const after = await Promise.all(processes.map((one) => one.redactorOf('t')));
    expect(after.map(masks)).toEqual([true, true, true]);
  });

  it('are read once a second, whoever asks', async () => {
    let reads = 0;
    const policies = new RedactionPolicies(async () => {
      reads++;
      return pool;
    });
    await Promise.all(Array.from({ length: 50 }, () => policies.redactorOf('t')));
    await policies.redactorOf('t');
    expect(reads).toBe(1);
  });

  it('are no guess where they can’t be read, and are read again at once when they can', async () => {
    let isAway = true;
    const policies = new RedactionPolicies(async () => {
      if (isAway) throw new Error('the database is away');
      return pool;
    });
    await expect(policies.redactorOf('t')).rejects.toThrow('away');
    isAway = false;
    expect(masks(await policies.redactorOf('t'))).toBe(true);
  });

  it('keep nobody waiting for a database that has fallen silent', async () => {
    const proxy = await startFaultProxy({ target: server.url });
    const distant = new pg.Pool({ connectionString: proxy.through(server.url) });
    const policies = new RedactionPolicies(async () => distant);
    await distant.query('SELECT 1');
    proxy.setMode({ kind: 'black-hole' });
    const failure = await policies.redactorOf('t').catch((error: unknown) => error);
    expect(isTransient(failure)).toBe(true);
    proxy.setMode({ kind: 'pass' });
    expect(masks(await policies.redactorOf('t'))).toBe(true);
    await distant.end();
    await proxy.close();
  });

  it('are never changed, nor read where a process does not know them', async () => {
    await expect(pool.query('DELETE FROM redaction_policies')).rejects.toThrow();
    await pool.query(
      `INSERT INTO redaction_policies (policy, actor) VALUES ('{"version":2}', 'later code')`,
    );
    const policies = new RedactionPolicies(async () => pool);
    await expect(policies.redactorOf('t')).rejects.toMatchObject({ code: 'redaction/unreadable' });
  });
});
