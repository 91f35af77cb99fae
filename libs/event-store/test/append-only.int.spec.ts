import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Pool } from 'pg';
import { verifyLog } from '../src/log/verify-log.js';
import { createTenant, fillBox, type TestTenant } from './store.fixtures.js';

const INSUFFICIENT_PRIVILEGE = '42501';
const LOG = ['conversation_events', 'event_payloads', 'event_payloads_000001'];

const NEW_EVENT = `SELECT 1, gen_random_uuid(), 1, 'X', now(), now(), ''::bytea, ''::bytea`;
const ATTEMPTS: readonly (readonly [what: string, ...sql: string[]])[] = [
  ['UPDATE of an event', `UPDATE conversation_events SET type = 'X'`],
  ['UPDATE of a payload', `UPDATE event_payloads SET body = ''`],
  ['DELETE of an event', 'DELETE FROM conversation_events'],
  ['DELETE of a payload', 'DELETE FROM event_payloads'],
  ['TRUNCATE of the events', 'TRUNCATE conversation_events'],
  ['TRUNCATE of the payloads', 'TRUNCATE event_payloads'],
  [
    'ON CONFLICT DO UPDATE',
    `INSERT INTO conversation_events ${NEW_EVENT} ON CONFLICT (position) DO UPDATE SET type = 'X'`,
  ],
  [
    'MERGE',
    `MERGE INTO conversation_events e USING (SELECT 1 AS p) s ON e.position = s.p
     WHEN MATCHED THEN UPDATE SET type = 'X'`,
  ],
  [
    'MERGE … DELETE',
    `MERGE INTO event_payloads e USING (SELECT 1 AS p) s ON e.position = s.p WHEN MATCHED THEN DELETE`,
  ],
  [
    'UPDATE through a view',
    'CREATE TEMPORARY VIEW v AS SELECT * FROM conversation_events',
    `UPDATE v SET type = 'X'`,
  ],
  [
    'a foreign key with ON DELETE CASCADE',
    `CREATE TEMPORARY TABLE parents (position bigint PRIMARY KEY)`,
    `ALTER TABLE conversation_events ADD FOREIGN KEY (position) REFERENCES parents ON DELETE CASCADE`,
  ],
  ['DISABLE TRIGGER', 'ALTER TABLE conversation_events DISABLE TRIGGER ALL'],
  ['DROP TABLE', 'DROP TABLE event_payloads'],
  ['ALTER COLUMN', 'ALTER TABLE conversation_events ALTER COLUMN type TYPE varchar(1)'],
  [
    'CREATE RULE',
    'CREATE RULE r AS ON INSERT TO conversation_events DO ALSO DELETE FROM conversation_events',
  ],
  ['CREATE TRIGGER', 'CREATE TRIGGER t BEFORE INSERT ON conversation_events EXECUTE FUNCTION f()'],
  [
    'session_replication_role = replica',
    'SET session_replication_role = replica',
    'DELETE FROM conversation_events',
  ],
  ['DETACH PARTITION', 'ALTER TABLE event_payloads DETACH PARTITION event_payloads_000001'],
  [
    'INSERT into a payload partition',
    `INSERT INTO event_payloads_000001 SELECT * FROM event_payloads`,
  ],
  ['UPDATE of a payload partition', `UPDATE event_payloads_000001 SET body = ''`],
  ['DELETE from a payload partition', 'DELETE FROM event_payloads_000001'],
  ['TRUNCATE of a payload partition', 'TRUNCATE event_payloads_000001'],
  ['erasure without a covering fact', 'SELECT erase_stream(stream_id) FROM conversation_events'],
  ['becoming the eraser', 'SET ROLE parley_eraser', 'DELETE FROM event_payloads'],
  ['becoming the owner', 'SET ROLE parley_owner', 'DROP TABLE event_payloads'],
  ['replacing the function that erases', 'DROP FUNCTION erase_stream(uuid)'],
  ['a change of the identity', `UPDATE log_identity SET log_id = gen_random_uuid()`],
];

describe('the log is append-only', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await createTenant();
    await fillBox(tenant.store, 'untouched', 5);
  });
  afterAll(() => tenant.drop());

  async function run(pool: Pool, statements: readonly string[]): Promise<string | undefined> {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      for (const sql of statements) await client.query(sql);
      return undefined;
    } catch (error) {
      return (error as { code?: string }).code;
    } finally {
      await client.query('ROLLBACK');
      client.release(true);
    }
  }

  it.each(ATTEMPTS)('refuses the runtime role: %s', async (_what, ...statements) => {
    expect(await run(tenant.app, statements)).toBe(INSUFFICIENT_PRIVILEGE);
  });

  it.each(
    LOG.flatMap((table) => [
      [table, `UPDATE ${table} SET position = position`],
      [table, `UPDATE ${table} SET position = 1 WHERE false`],
      [table, `DELETE FROM ${table}`],
      [table, `TRUNCATE ${table}`],
    ]),
  )('refuses even the owner, by trigger, on %s: %s', async (_table, sql) => {
    expect(await run(tenant.admin, ['SET ROLE parley_owner', sql])).toBe(INSUFFICIENT_PRIVILEGE);
  });

  it('refuses a superuser too as long as the triggers are on, in replica mode as well', async () => {
    const replica = 'SET LOCAL session_replication_role = replica';
    for (const table of LOG)
      for (const sql of [`DELETE FROM ${table}`, `UPDATE ${table} SET position = position`])
        expect(await run(tenant.admin, [replica, sql])).toBe(INSUFFICIENT_PRIVILEGE);
  });

  it('refuses the reader to write and to see the key of the digests', async () => {
    const reader = ['SET ROLE parley_reader'];
    expect(await run(tenant.admin, [...reader, 'SELECT * FROM event_payloads'])).toBeUndefined();
    for (const sql of [
      'SELECT digest_key FROM log_identity',
      'DELETE FROM receipts',
      'DELETE FROM rm_1.boxes',
      `INSERT INTO conversation_events ${NEW_EVENT}`,
    ])
      expect(await run(tenant.admin, [...reader, sql])).toBe(INSUFFICIENT_PRIVILEGE);
  });

  it('leaves the log as it was', async () => {
    expect(await verifyLog(tenant.app)).toMatchObject({ ok: true, events: 6 });
  });
});
