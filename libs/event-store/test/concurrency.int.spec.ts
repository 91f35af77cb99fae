import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { verifyLog } from '../src/log/verify-log.js';
import { added, append, createTenant, opened, type TestTenant } from './store.fixtures.js';

const WRITERS = 8;
const ROUNDS = 30;

describe('many writers of one log', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await createTenant({ lockTimeoutMs: 30_000 });
  });
  afterAll(() => tenant.drop());

  /** Appends up to 5 events at a time; every fourth transaction rolls back. Answers how many were committed. */
  async function write(writer: number): Promise<number> {
    let committed = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const lane = writer % 2 === 0 ? 'interactive' : 'bulk';
      const count = 1 + ((writer + round) % 5);
      const done = tenant.store.transact(lane, async (tx) => {
        const streamId = randomUUID();
        append(tx, streamId, 1, opened(`${writer}/${round}`));
        for (let i = 2; i <= count; i++) append(tx, streamId, i, added(`${i}`));
        if ((writer + round) % 4 === 0) throw new Error('rolled back');
      });
      committed += await done.then(
        () => count,
        () => 0,
      );
    }
    return committed;
  }

  /** Reads with `position > last` until it has seen `total()` events. */
  async function follow(isOver: (seen: number) => boolean): Promise<number[]> {
    const seen: number[] = [];
    const behind = async () => {
      const events = await tenant.store.readFrom(seen.at(-1) ?? 0, 7);
      seen.push(...events.map((event) => event.position));
      expect(isOver(seen.length)).toBe(true);
    };
    await eventually(behind, { timeoutMs: 60_000, intervalMs: 1 });
    return seen;
  }

  it('gives positions without gaps, and a plain cursor misses none of them', async () => {
    let total = Infinity;
    const readers = [1, 2].map(() => follow((seen) => seen >= total));
    const counts = await Promise.all(Array.from({ length: WRITERS }, (_, w) => write(w)));
    total = counts.reduce((sum, count) => sum + count, 0);
    const expected = Array.from({ length: total }, (_, i) => i + 1);
    for (const seen of await Promise.all(readers)) expect(seen).toEqual(expected);
    expect(total).toBeGreaterThan(WRITERS * ROUNDS);
    expect(await verifyLog(tenant.app)).toMatchObject({ ok: true, head: total });
  });

  it('skips events for a plain cursor without the lock, so the test above proves something', async () => {
    const { admin } = tenant;
    await admin.query('CREATE TABLE naive (position bigserial)');
    const slow = await admin.connect();
    await slow.query('BEGIN; INSERT INTO naive DEFAULT VALUES');
    await admin.query('INSERT INTO naive DEFAULT VALUES');
    const read = async (after: number) =>
      (
        await admin.query<{ p: number }>(
          'SELECT position::int AS p FROM naive WHERE position > $1',
          [after],
        )
      ).rows;
    const first = await read(0);
    await slow.query('COMMIT');
    slow.release();
    expect([first, await read(first.at(-1)!.p)]).toEqual([[{ p: 2 }], []]);
  });
});
