import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Recorded } from '@parley/event-sourcing';
import { isReadable, readMoment, readStream } from '../src/log/log-reader.js';
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
    const whole = await readStream(tenant.app, streamId);
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
    const events = (await readStream(tenant.app, streamId)).filter(isReadable);
    await deleteBox(tenant.store, streamId, 4);
    const [deletion] = (await readStream(tenant.app, streamId)).slice(-1).filter(isReadable);

    expect(fold([...events, deletion!])).toEqual({ box: null, things: [] });
    expect((await readStream(tenant.app, streamId)).filter(isReadable)).toHaveLength(1);
  });

  async function foldUntil(streamId: string, position: number) {
    return fold((await readStream(tenant.app, streamId, position)).filter(isReadable));
  }

  function fold(events: readonly Recorded[]) {
    const fold = new StreamFold([boxes, things]);
    events.forEach((event) => fold.apply(event));
    return { box: fold.get(boxes), things: fold.list(things) };
  }
});
