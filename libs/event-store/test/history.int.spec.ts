import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Recorded } from '@parley/event-sourcing';
import {
  isReadable,
  type Queryable,
  type ReadLimits,
  readMoment,
  readStream,
} from '../src/log/log-reader.js';
import { StreamFold } from '../src/rows/stream-fold.js';
import {
  added,
  append,
  boxes,
  createTenant,
  deleteBox,
  fillBox,
  opened,
  type TestTenant,
  things,
} from './store.fixtures.js';

describe('the log of a former moment', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await createTenant();
  });
  afterAll(() => tenant.drop());

  it('is told by time for every event, for just before it, and for a log without events', async () => {
    expect(await readMoment(tenant.app, 1n)).toEqual({ position: 0, head: 0, isAhead: false });
    for (const label of ['a', 'b', 'c', 'd', 'e']) await fillBox(tenant.store, label, 7);
    const events = await tenant.store.readFrom(0, 1_000);

    for (const { position, recordedAt } of events) {
      const at = await readMoment(tenant.app, BigInt(recordedAt));
      const before = await readMoment(tenant.app, BigInt(recordedAt) - 1n);
      expect(at).toEqual({ position, head: events.length, isAhead: false });
      expect(before.position).toBe(position - 1);
    }
  });

  it('is not told of a time to come', async () => {
    const tomorrow = BigInt(Date.now() + 86_400_000) * 1000n;

    expect((await readMoment(tenant.app, tomorrow)).isAhead).toBe(true);
    expect((await readMoment(tenant.app, 253_402_300_799_999_999n)).isAhead).toBe(true);
  });

  it('holds of a stream what had been recorded by then, and folds to what was served then', async () => {
    const streamId = await tenant.store.transact('interactive', async (tx) => {
      const id = randomUUID();
      append(tx, id, 1, opened('past'));
      append(tx, id, 2, added('x', 'first'));
      append(tx, id, 3, added('x', 'second'));
      append(tx, id, 4, { type: 'ThingRemoved', data: { id: 'x' } });
      return Promise.resolve(id);
    });
    const whole = await stream(streamId);
    const served = whole.map(({ position }) => foldUntil(streamId, position));

    expect(await Promise.all(served)).toMatchObject([
      { box: { label: 'past', things: 0 }, things: [] },
      { box: { things: 1 }, things: [{ content: 'first', is_new: true }] },
      { box: { things: 2 }, things: [{ content: 'second', note: 'first' }] },
      { box: { things: 1 }, things: [] },
    ]);
    expect(await foldUntil(streamId, whole[0]!.position - 1)).toEqual({ box: null, things: [] });
  });

  it('folds to nothing once the stream is deleted', async () => {
    const streamId = await fillBox(tenant.store, 'gone', 2);
    const events = (await stream(streamId)).filter(isReadable);
    await deleteBox(tenant.store, streamId, 4);
    const [deletion] = (await stream(streamId)).slice(-1).filter(isReadable);

    expect(fold([...events, deletion!])).toEqual({ box: null, things: [] });
    expect((await stream(streamId)).filter(isReadable)).toHaveLength(1);
  });

  it('is read a few events at a time, and no further than asked for', async () => {
    const streamId = await fillBox(tenant.store, 'long', 5);
    const whole = await stream(streamId);
    const read = jest.fn((...query: [string, unknown[]]) => tenant.app.query(...query));
    const db = { query: read } as unknown as Queryable;
    const bytes = JSON.stringify(whole[0]!.event.data).length + 1;

    for (const limits of [
      { events: 2, bytes: 1e6 },
      { events: 100, bytes },
      { events: 100, bytes: 0 },
    ])
      expect(await stream(streamId, undefined, limits)).toEqual(whole);
    for await (const event of readStream(db, streamId, undefined, { events: 2, bytes: 1e6 }))
      if (event.streamVersion === 3) break;
    expect(read).toHaveBeenCalledTimes(2);
  });

  function stream(streamId: string, until?: number, limits?: ReadLimits) {
    return Array.fromAsync(readStream(tenant.app, streamId, until, limits));
  }

  async function foldUntil(streamId: string, position: number) {
    return fold((await stream(streamId, position)).filter(isReadable));
  }

  function fold(events: readonly Recorded[]) {
    const fold = new StreamFold([boxes, things]);
    events.forEach((event) => fold.apply(event));
    return { box: fold.get(boxes), things: fold.list(things) };
  }
});
