import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Receipt } from '@parley/contracts';
import { type DeadLetter } from '../src/ledger/dead-letters.js';
import { dropOldReceipts, readReceipts } from '../src/ledger/receipts.js';
import { type WaitingRecord } from '../src/ledger/waiting.js';
import {
  added,
  append,
  boxes,
  createTenant,
  fillBox,
  opened,
  sha,
  type TestTenant,
  things,
} from './store.fixtures.js';

const NOW = Date.UTC(2026, 10, 21) * 1000;

const receipt = (overrides: Partial<Receipt> = {}): Receipt => ({
  command_id: randomUUID(),
  attempt_id: randomUUID(),
  disposition: 'created',
  stream_id: randomUUID(),
  stream_version: 3,
  position: 12,
  content_hash: sha('content'),
  request_hash: null,
  warnings: [],
  masked: [],
  problem: null,
  created_at: NOW - 1,
  decided_at: NOW,
  ...overrides,
});

const waiting = (overrides: Partial<WaitingRecord> = {}): WaitingRecord => ({
  command_id: randomUUID(),
  arrived_at: NOW,
  expires_at: NOW + 1000,
  version: '000000000000000001',
  door: 'kafka',
  agent_id: 'agent',
  conversation_id: 'c-1',
  message_id: 'm-1',
  command: { content: 'secret' },
  ...overrides,
});

const letter = (overrides: Partial<DeadLetter> = {}): DeadLetter => ({
  id: randomUUID(),
  arrived_at: NOW,
  version: null,
  door: 'kafka',
  reason: 'malformed_json',
  detail: 'not JSON at byte 7',
  bus_id: 'bus',
  incarnation: 1,
  topic: 'topic',
  partition: 0,
  offset: 7,
  record_key: Buffer.from('key'),
  headers: { ce_id: 'x' },
  value: Buffer.from([0, 255, 39, 92, 10]),
  agent_id: null,
  conversation_id: null,
  message_id: null,
  stream_id: null,
  attempts: 1,
  first_failed_at: NOW,
  last_failed_at: NOW,
  ...overrides,
});

const source = { bus: 'bus', incarnation: 1, group: 'ingestion', topic: 'topic', partition: 2 };

describe('the ledger', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await createTenant();
  });
  afterAll(() => tenant.drop());

  const add = (...receipts: Receipt[]) =>
    tenant.store.transact('interactive', async ({ ledger }) => {
      await ledger.findReceipts(receipts.map((r) => r.command_id));
      for (const r of receipts) ledger.addReceipt(r);
    });

  describe('receipts', () => {
    it('come back as they were added, to the gateway too', async () => {
      const full = receipt({ warnings: ['a', 'b "c"'], request_hash: sha('r') });
      const problem = { reason: 'too_long', place: ['messages', 3], message: 'too long' } as const;
      const empty = receipt({
        disposition: 'rejected',
        stream_id: null,
        stream_version: null,
        position: null,
        content_hash: null,
        problem,
        created_at: null,
      });
      await add(full, empty);
      const read = await readReceipts(tenant.app, [
        full.command_id,
        empty.command_id,
        randomUUID(),
      ]);
      expect(read).toHaveLength(2);
      expect(read).toEqual(expect.arrayContaining([full, empty]));
      expect(await readReceipts(tenant.app, [])).toEqual([]);
    });

    it('are found by a later transaction and by the one that adds them', async () => {
      const first = receipt();
      await add(first);
      await tenant.store.transact('interactive', async ({ ledger }) => {
        const second = receipt();
        ledger.addReceipt(second);
        const found = await ledger.findReceipts([
          first.command_id,
          second.command_id,
          randomUUID(),
        ]);
        expect([...found.values()]).toEqual([first, second]);
        expect(ledger.receipt(second.command_id)).toEqual(second);
        expect(() => ledger.addReceipt(receipt({ command_id: first.command_id }))).toThrow(
          'already',
        );
      });
    });

    it('replace a rejected one, within a transaction and days later', async () => {
      const command_id = randomUUID();
      await add(receipt({ command_id, disposition: 'rejected' }));
      const last = receipt({ command_id, decided_at: NOW + 3 * 86_400_000_000 });
      await tenant.store.transact('interactive', async ({ ledger }) => {
        await ledger.findReceipts([command_id]);
        ledger.addReceipt(receipt({ command_id, disposition: 'rejected' }));
        ledger.addReceipt(last);
      });
      expect(await readReceipts(tenant.app, [command_id])).toEqual([last]);
    });

    it('are dropped by the day after a week', async () => {
      const days = [-9, -8, -7, -1, 0].map((day) => (Date.now() + day * 86_400_000) * 1000);
      const receipts = days.map((decided_at) => receipt({ decided_at }));
      await add(...receipts);
      expect(await dropOldReceipts(tenant.app)).toBeGreaterThanOrEqual(2);
      const left = await readReceipts(
        tenant.app,
        receipts.map((r) => r.command_id),
      );
      expect(left.map((r) => r.decided_at).sort()).toEqual(days.slice(2));
      // A process that knew the dropped partition finds out, and its next try makes it again.
      const late = receipt({ decided_at: days[0]! });
      await expect(add(late)).rejects.toMatchObject({ code: '23514' });
      await add(late);
    });
  });

  describe('applied offsets', () => {
    const next = async () =>
      (await tenant.store.transact('interactive', ({ ledger }) => ledger.nextOffsets([source])))[0];

    it('start at 0 and move with their transaction', async () => {
      expect(await next()).toBe(0);
      await tenant.store.transact('interactive', async ({ ledger }) => {
        ledger.advance(source, 0, 10);
        ledger.advance(source, 10, 15);
        expect(await ledger.nextOffsets([source])).toEqual([15]);
        ledger.advance({ ...source, partition: 3 }, 0, 4);
      });
      await tenant.store.transact('bulk', async ({ ledger }) => {
        const sources = [source, { ...source, partition: 3 }, { ...source, incarnation: 2 }];
        expect(await ledger.nextOffsets(sources)).toEqual([15, 4, 0]);
        ledger.advance(source, 15, 20);
      });
      expect(await next()).toBe(20);
    });

    it.each([
      ['is behind', 15],
      ['never was', 21],
      ['has not begun', 0],
    ])('fence a consumer that %s, and nothing of its chunk remains', async (_what, from) => {
      const head = await tenant.store.head();
      const stale = tenant.store.transact('interactive', async (tx) => {
        append(tx, randomUUID(), 1, opened(`stale ${from}`));
        tx.ledger.advance(source, from, 30);
      });
      await expect(stale).rejects.toMatchObject({
        name: 'ConcurrencyError',
        code: 'offset/fenced',
      });
      expect([await next(), await tenant.store.head()]).toEqual([20, head]);
    });

    it('fence rows that a chunk changes in several tables', async () => {
      const streamId = await fillBox(tenant.store, 'fenced', 1);
      const row = { stream_id: streamId, item: 'thing-1' };
      const stale = tenant.store.transact('interactive', async (tx) => {
        await tx.rows.load(boxes, [{ ...row, item: '' }]);
        await tx.rows.load(things, [row]);
        append(tx, streamId, 3, added('thing-1', 'never'));
        tx.ledger.advance(source, 21, 30);
      });
      await expect(stale).rejects.toMatchObject({ code: 'offset/fenced' });
      const rows = 'SELECT content FROM rm_1.things WHERE stream_id = $1';
      expect((await tenant.app.query(rows, [streamId])).rows).toEqual([
        { content: 'content of thing-1' },
      ]);
    });

    it('fence both of two moves from the same place within a transaction', async () => {
      const twice = tenant.store.transact('interactive', async ({ ledger }) => {
        ledger.advance(source, 20, 25);
        ledger.advance(source, 20, 25);
      });
      await expect(twice).rejects.toMatchObject({ code: 'offset/fenced' });
    });
  });

  describe('dead letters', () => {
    it('are kept once for their coordinates, bytes untouched', async () => {
      const first = letter();
      const expired = [
        letter({ offset: null, bus_id: null }),
        letter({ offset: null, bus_id: null }),
      ];
      await tenant.store.transact('interactive', async ({ ledger }) => {
        for (const l of [first, letter(), ...expired]) ledger.addDeadLetter(l);
      });
      const { rows } = await tenant.app.query('SELECT * FROM dead_letters WHERE "offset" = 7');
      expect(rows).toHaveLength(1);
      expect(rows[0]).toMatchObject({ id: first.id, value: first.value, headers: first.headers });
      expect((await tenant.app.query('SELECT 1 FROM dead_letters')).rows).toHaveLength(3);
    });
  });

  describe('waiting records', () => {
    it('wake for their agent, oldest first, those of the same transaction last', async () => {
      const [a, b, c, other] = [
        waiting({ arrived_at: NOW + 2 }),
        waiting({ arrived_at: NOW + 1 }),
        waiting({ agent_id: null, arrived_at: NOW + 3 }),
        waiting({ agent_id: 'other' }),
      ] as const;
      const status = receipt({ command_id: a.command_id, disposition: 'waiting' });
      await tenant.store.transact('interactive', async ({ ledger }) => {
        for (const record of [a, b, other]) ledger.addWaiting(record);
        ledger.addReceipt(status);
      });
      const decided = receipt({ command_id: a.command_id });
      await tenant.store.transact('interactive', async ({ ledger }) => {
        expect(() => ledger.takeWaiting('agent', 'c-1')).toThrow('before loadWaiting()');
        ledger.addWaiting(c);
        await ledger.loadWaiting(['c-1', 'c-2']);
        expect(ledger.takeWaiting('agent', 'c-1')).toMatchObject([b, a, c]);
        expect(ledger.takeWaiting('agent', 'c-1')).toEqual([]);
        ledger.addReceipt(decided);
      });
      const { rows } = await tenant.app.query('SELECT agent_id FROM waiting_records');
      expect(rows).toEqual([{ agent_id: 'other' }]);
      expect(await readReceipts(tenant.app, [a.command_id])).toEqual([decided]);
    });

    it('expire when their time has come', async () => {
      const expire = (now: number) =>
        tenant.store.transact('interactive', ({ ledger }) => ledger.expireWaiting(now));
      expect(await expire(NOW + 999)).toEqual([]);
      expect(await expire(NOW + 1000)).toMatchObject([
        { agent_id: 'other', command: { content: 'secret' } },
      ]);
      expect(await expire(NOW + 1000)).toEqual([]);
    });
  });

  it('holds nothing of an erased stream', async () => {
    const streamId = await fillBox(tenant.store, 'secret box', 2);
    const same = { agent_id: 'a', conversation_id: 'gone' };
    await add(receipt({ stream_id: streamId, request_hash: sha('secret request') }));
    await tenant.store.transact('interactive', async ({ ledger }) => {
      ledger.addWaiting(waiting(same));
      ledger.addWaiting(waiting({ ...same, agent_id: 'kept' }));
      ledger.addDeadLetter(letter({ offset: 8, ...same, message_id: 'secret' }));
      ledger.addDeadLetter(letter({ offset: 9, stream_id: streamId }));
    });
    await tenant.store.transact('interactive', async (tx) => {
      append(tx, streamId, 4, { type: 'ConversationDeleted', data: { digests: [] } });
      tx.eraseStream(streamId, [same]);
      expect(tx.digest('a')).toMatch(/^[0-9a-f]{64}$/);
    });
    const count = async (sql: string) => (await tenant.app.query(sql)).rows[0].n as number;
    const letters = `SELECT count(*)::int AS n FROM dead_letters WHERE "offset" IN (8, 9)`;
    expect(await count(letters)).toBe(2);
    expect(
      await count(`${letters} AND num_nonnulls(value, record_key, headers, message_id) > 0`),
    ).toBe(0);
    expect(await count('SELECT count(*)::int AS n FROM waiting_records')).toBe(1);
    expect(
      await count(`SELECT count(*)::int AS n FROM receipts WHERE stream_id = '${streamId}'
        AND num_nonnulls(content_hash, request_hash) > 0`),
    ).toBe(0);
  });
});
