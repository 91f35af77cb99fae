import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { EventStore } from '../src/event-store.js';
import { append, createTenant, models, opened, type TestTenant } from './store.fixtures.js';

const STREAM = '00000000-0000-4000-8000-000000000001';

describe('a transaction with a signal', () => {
  let tenant: TestTenant;
  let store: EventStore;

  beforeAll(async () => {
    tenant = await createTenant();
    store = new EventStore(tenant.app, models);
  });
  afterAll(() => tenant.drop());

  const reason = new Error('away');
  const write = (signal: AbortSignal, meanwhile?: () => void) =>
    store.transact(
      'interactive',
      async (tx) => {
        append(tx, STREAM, 1, opened('box'));
        meanwhile?.();
      },
      signal,
    );

  it('ends at once when the signal fires while the database keeps silent, and leaves nothing', async () => {
    const holder = await tenant.admin.connect();
    await holder.query('BEGIN; SELECT pg_advisory_xact_lock(7061, 2)');
    const stopping = new AbortController();
    const writing = write(stopping.signal);
    await eventually(async () => {
      const waiting = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`;
      expect((await tenant.admin.query(waiting)).rowCount).toBe(1);
    });
    const since = performance.now();
    stopping.abort(reason);
    await expect(writing).rejects.toBe(reason);
    expect(performance.now() - since).toBeLessThan(1_000);
    await holder.query('COMMIT');
    holder.release();
    expect(await store.head()).toBe(0);
  });

  it('does not begin where the signal has fired', async () => {
    await expect(write(AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(await store.head()).toBe(0);
  });

  it('commits nothing that was staged when the signal fires', async () => {
    const stopping = new AbortController();
    const writing = write(stopping.signal, () => stopping.abort(reason));
    await expect(writing).rejects.toBe(reason);
    expect(await store.head()).toBe(0);
  });

  it('commits as ever where the signal does not fire', async () => {
    await write(new AbortController().signal);
    expect(await store.head()).toBe(1);
  });
});
