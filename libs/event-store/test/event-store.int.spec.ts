import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventStore } from '../src/event-store.js';
import { verifyLog } from '../src/log/verify-log.js';
import { isReadable, type Queryable } from '../src/log/log-reader.js';
import { rebuildCheck } from '../src/rows/rebuild-check.js';
import {
  added,
  append,
  boxes,
  createTenant,
  deleteBox,
  fillBox,
  models,
  opened,
  type TestTenant,
  things,
} from './store.fixtures.js';

describe('the event store', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await createTenant();
  });
  afterAll(() => tenant.drop());

  it('gives back what was appended, whole and in order', async () => {
    const streamId = randomUUID();
    const written = await tenant.store.transact('interactive', async (tx) => {
      return [
        append(tx, streamId, 1, opened('whole')),
        append(tx, streamId, 2, added('a', 'ünïcode 🎉 \\ " \n')),
      ];
    });
    expect(await tenant.store.readStream(streamId)).toEqual(written);
    const first = written[0]!;
    expect(await tenant.store.readFrom(first.position - 1, 10)).toEqual(written);
    expect(await tenant.store.head()).toBe(written[1]!.position);
    expect(written[1]!.recordedAt).toBeGreaterThan(first.recordedAt);
  });

  it('writes read-model rows with their events, new ones and changed ones', async () => {
    const streamId = await fillBox(tenant.store, 'rows', 3);
    await tenant.store.transact('bulk', async (tx) => {
      const [box] = await tx.rows.loadWhere(boxes, 'label', ['rows']);
      await tx.rows.load(things, [
        { stream_id: streamId, item: 'thing-1' },
        { stream_id: streamId, item: 'new' },
      ]);
      expect(box).toMatchObject({ stream_id: streamId, things: 3, meta: { of: 'rows' } });
      append(tx, streamId, 5, added('thing-1', 'changed'));
      append(tx, streamId, 6, added('new'));
      append(tx, streamId, 7, { type: 'ThingRemoved', data: { id: 'thing-1' } });
      expect(tx.rows.find(boxes, 'label', 'rows')[0]?.things).toBe(4);
    });
    const { rows } = await tenant.app.query(
      'SELECT thing_id, content, is_new FROM rm_1.things WHERE stream_id = $1 ORDER BY 1',
      [streamId],
    );
    expect(rows).toEqual([
      { thing_id: 'new', content: 'content of new', is_new: true },
      { thing_id: 'thing-2', content: 'content of thing-2', is_new: true },
      { thing_id: 'thing-3', content: 'content of thing-3', is_new: true },
    ]);
  });

  it('finds rows that were opened or changed in the same transaction', async () => {
    const streamId = randomUUID();
    await tenant.store.transact('interactive', async (tx) => {
      append(tx, streamId, 1, opened('here'));
      expect(tx.rows.find(boxes, 'label', 'here')).toHaveLength(1);
      append(tx, streamId, 2, { ...opened('moved') });
      expect(tx.rows.find(boxes, 'label', 'here')).toEqual([]);
      expect(await tx.rows.loadWhere(boxes, 'label', ['here', 'moved'])).toHaveLength(1);
      expect(tx.rows.get(boxes, streamId)?.label).toBe('moved');
      expect(() => tx.rows.get(boxes, randomUUID())).toThrow('before it was loaded');
    });
  });

  it('leaves nothing of a transaction that throws, and no gap', async () => {
    const before = await tenant.store.head();
    const failing = tenant.store.transact('interactive', async (tx) => {
      append(tx, randomUUID(), 1, opened('rolled back'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await tenant.store.head()).toBe(before);
    await fillBox(tenant.store, 'after', 0);
    expect(await tenant.store.head()).toBe(before + 1);
  });

  it('says that a race was lost when a stream has an event of that version', async () => {
    const streamId = await fillBox(tenant.store, 'raced', 0);
    const again = tenant.store.transact('interactive', async (tx) => {
      await tx.rows.load(boxes, [{ stream_id: streamId, item: '' }]);
      append(tx, streamId, 1, opened('raced twice'));
    });
    await expect(again).rejects.toMatchObject({ code: 'stream/conflict' });
  });

  it('quotes no row values in its errors', async () => {
    const clash = fillBox(tenant.store, 'same label', 0).then(() =>
      fillBox(tenant.store, 'same label', 0),
    );
    const error = await clash.catch((e: unknown) => e);
    expect(error).toMatchObject({ code: '23505' });
    expect(JSON.stringify({ ...(error as object), m: String(error) })).not.toContain('same label');
    const nul = await fillBox(tenant.store, 'nul \0 secret', 0).catch((e: unknown) => e);
    expect(error).not.toBe(nul);
    expect(JSON.stringify({ ...(nul as object), m: String(nul) })).not.toContain('secret');
    expect((await verifyLog(tenant.app)).ok).toBe(true);
  });

  it('refuses a lone surrogate, and the connection serves on', async () => {
    await expect(fillBox(tenant.store, 'half \ud800', 0)).rejects.toThrow('lone surrogate');
    await fillBox(tenant.store, 'after the half', 1);
  });

  it('gives up on the lock in time, and lets bulk work queue up among itself', async () => {
    const holder = await tenant.app.connect();
    await holder.query('BEGIN; SELECT pg_advisory_xact_lock(7061, 1)');
    const hurried = new EventStore(tenant.app, models, { lockTimeoutMs: 50 });
    await expect(hurried.transact('bulk', async () => 1)).rejects.toMatchObject({ code: '55P03' });
    expect(await hurried.transact('interactive', async () => 1)).toBe(1);
    await holder.query('ROLLBACK');
    holder.release();
  });

  it('survives a connection that dies within a transaction', async () => {
    const before = await tenant.store.head();
    const dying = tenant.store.transact('interactive', async (tx) => {
      append(tx, randomUUID(), 1, opened('dying'));
      const { rows } = await tx.client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await tenant.admin.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
    });
    await expect(dying).rejects.toThrow();
    expect(await tenant.store.head()).toBe(before);
    await fillBox(tenant.store, 'alive', 0);
  });

  it('erases payloads of a deleted stream only, and reads the rest on', async () => {
    const gone = await fillBox(tenant.store, 'gone', 3);
    const kept = await fillBox(tenant.store, 'kept', 1);
    await deleteBox(tenant.store, gone, 5);
    const events = await tenant.store.readStream(gone);
    expect(events.map(isReadable)).toEqual([false, false, false, false, true]);
    expect((await tenant.store.readStream(kept)).every(isReadable)).toBe(true);
    const { rows } = await tenant.app.query('SELECT 1 FROM rm_1.things WHERE stream_id = $1', [
      gone,
    ]);
    expect(rows).toEqual([]);
  });

  it('reads few events at a time where they are large, and misses none', async () => {
    const other = await createTenant();
    const streamId = randomUUID();
    const large = 'x'.repeat(3_000_000);
    await other.store.transact('interactive', async (tx) => {
      append(tx, streamId, 1, opened('large'));
      for (const version of [2, 3, 4]) append(tx, streamId, version, added(`${version}`, large));
      append(tx, streamId, 5, added('5', large.repeat(3)));
    });
    const positions: number[][] = [];
    for (let last: number | undefined = 0; last !== undefined; last = positions.at(-1)?.at(-1))
      positions.push((await other.store.readFrom(last, 100)).map(({ position }) => position));
    expect(positions).toEqual([[1, 2, 3], [4], [5], []]);
    const counts: number[] = [];
    const query = async (sql: string, values?: unknown[]) => {
      const answer = await other.app.query(sql, values);
      counts.push(answer.rows.length);
      return answer;
    };
    expect(await verifyLog({ query } as Queryable)).toMatchObject({ ok: true, events: 5 });
    expect(Math.max(...counts)).toBe(3);
    const tables = await rebuildCheck(other.app, models);
    expect(tables.map(({ firstDifference }) => firstDifference)).toEqual([null, null]);
    await other.drop();
  });

  it('goes on across the end of a payload partition', async () => {
    const other = await createTenant();
    await other.admin.query(
      `INSERT INTO conversation_events VALUES (9999998, $1, 1, 'BoxOpened', now(), now(), '', $2)`,
      [randomUUID(), Buffer.alloc(32)],
    );
    await fillBox(other.store, 'across', 5);
    const { rows } = await other.admin.query(
      'SELECT DISTINCT tableoid::regclass::text AS t FROM event_payloads ORDER BY 1',
    );
    expect(rows).toEqual([{ t: 'event_payloads_000001' }, { t: 'event_payloads_000002' }]);
    await other.drop();
  });
});
