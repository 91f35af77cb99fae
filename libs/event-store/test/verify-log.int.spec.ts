import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Verification, verifyLog } from '../src/log/verify-log.js';
import { createTenant, deleteBox, fillBox, type TestTenant } from './store.fixtures.js';

describe('verification of a log', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await createTenant();
    await fillBox(tenant.store, 'first', 1200);
    const gone = await fillBox(tenant.store, 'second', 9);
    await deleteBox(tenant.store, gone, 11);
  });
  afterAll(() => tenant.drop());

  /** What a verification finds after a change behind the triggers' back; the change is undone. */
  async function tamper(sql: string): Promise<Verification> {
    const client = await tenant.admin.connect();
    try {
      await client.query(`BEGIN;
        ALTER TABLE conversation_events DISABLE TRIGGER ALL;
        ALTER TABLE event_payloads DISABLE TRIGGER ALL;
        ALTER TABLE event_payloads_000001 DISABLE TRIGGER ALL`);
      await client.query(sql);
      return await verifyLog(client);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  }

  it('finds nothing wrong with a log whose erased payloads are covered', async () => {
    expect(await verifyLog(tenant.app)).toEqual({
      ok: true,
      events: 1212,
      head: 1212,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  const event = (change: string, position: number) =>
    `UPDATE conversation_events SET ${change} WHERE position = ${position}`;
  const payload = (change: string, position: number) =>
    `UPDATE event_payloads SET ${change} WHERE position = ${position}`;
  it.each([
    ['a type', event(`type = 'X'`, 1001), 1001, 'hash_mismatch'],
    [
      'a time',
      event(`recorded_at = recorded_at + interval '1 microsecond'`, 7),
      7,
      'hash_mismatch',
    ],
    ['a time of occurrence', event(`occurred_at = 'infinity'`, 8), 8, 'hash_mismatch'],
    ['a hash', event(`hash = sha256(hash)`, 3), 3, 'hash_mismatch'],
    ['a stream', event('stream_id = gen_random_uuid()', 1000), 1000, 'hash_mismatch'],
    [
      'one byte of a body',
      payload('body = set_byte(body, 9, get_byte(body, 9) # 1)', 42),
      42,
      'payload_mismatch',
    ],
    ['a source', payload(`source = '{}'`, 43), 43, 'payload_mismatch'],
    ['a content hash', payload('content_hash = NULL', 1), 1, 'payload_mismatch'],
    ['a salt', payload('salt = sha256(salt)', 2), 2, 'payload_mismatch'],
    [
      'an event taken out',
      'DELETE FROM conversation_events WHERE position = 500',
      500,
      'position_missing',
    ],
    [
      'the first event taken out',
      'DELETE FROM conversation_events WHERE position = 1',
      1,
      'position_missing',
    ],
    ['a payload taken out', 'DELETE FROM event_payloads WHERE position = 5', 5, 'payload_missing'],
    [
      'the payload of a fact taken out',
      'DELETE FROM event_payloads WHERE position = 1212',
      1212,
      'payload_missing',
    ],
    [
      'the end cut off',
      'DELETE FROM conversation_events WHERE position > 1200',
      1201,
      'payload_without_event',
    ],
    ['another log id', 'UPDATE log_identity SET log_id = gen_random_uuid()', 1, 'hash_mismatch'],
  ])(
    'names the position after a change behind the triggers’ back: %s',
    async (_what, sql, position, reason) => {
      expect(await tamper(sql)).toEqual({ ok: false, position, reason });
    },
  );
});
