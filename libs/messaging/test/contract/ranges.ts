import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { type Bus, type DeliveredRecord } from '../../src/index.js';
import {
  type BusHarness,
  consumeInto,
  newTopic,
  numbered,
  type OpenBuses,
  record,
} from './harness.js';

export function describeRanges(buses: OpenBuses, harness: () => BusHarness): void {
  describe('reading a range', () => {
    let bus: Bus;

    beforeAll(async () => {
      bus = await buses.open();
    });

    /** Sizes of the chunks and all offsets, in order. */
    async function read(topic: string, from: number, to: number, maxBytes?: number) {
      const chunks: (readonly DeliveredRecord[])[] = [];
      await bus.readRange({ topic, partition: 0, from, to, maxBytes }, async (records) => {
        chunks.push(records);
      });
      return { chunks, offsets: chunks.flat().map(({ offset }) => offset) };
    }

    it('gives exactly its records, in order, and those only', async () => {
      const topic = await newTopic(bus, 1);
      await bus.publish(topic, numbered('a', 20));
      const { chunks, offsets } = await read(topic, 5, 12);
      expect(offsets).toEqual([5, 6, 7, 8, 9, 10, 11]);
      expect(String(chunks[0]![0]!.value)).toBe('a:5');
      expect(String(chunks[0]![0]!.key)).toBe('a');
    });

    it('reads one partition alone', async () => {
      const topic = await newTopic(bus, 3);
      for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) await bus.publish(topic, numbered(key, 5));
      const highWater = (await bus.ends(topic))[0]!.highWater;
      const { offsets } = await read(topic, 0, 1_000);
      expect(offsets).toEqual([...Array(highWater).keys()]);
    });

    it('ends where the partition ends', async () => {
      const topic = await newTopic(bus, 1);
      await bus.publish(topic, numbered('a', 3));
      expect((await read(topic, 1, 100)).offsets).toEqual([1, 2]);
      expect((await read(topic, 3, 100)).offsets).toEqual([]);
      expect((await read(topic, 50, 100)).offsets).toEqual([]);
      expect((await read(topic, 2, 2)).offsets).toEqual([]);
    });

    it('begins where the partition begins when the rest is gone', async () => {
      const topic = await newTopic(bus, 1);
      await bus.publish(topic, numbered('a', 6));
      await harness().dropRecords(topic, 4);
      expect((await read(topic, 0, 6)).offsets).toEqual([4, 5]);
      expect((await read(topic, 0, 3)).offsets).toEqual([]);
    });

    it('comes in chunks of bounded count and size', async () => {
      const topic = await newTopic(bus, 1);
      await bus.publish(topic, numbered('a', 1_200));
      for (let n = 0; n < 8; n++) await bus.publish(topic, [record('a', Buffer.alloc(900 * 1024))]);
      const { chunks, offsets } = await read(topic, 0, 1_208);
      expect(offsets).toEqual([...Array(1_208).keys()]);
      for (const chunk of chunks) {
        expect(chunk.length).toBeLessThanOrEqual(500);
        const bytes = chunk.reduce((sum, { value }) => sum + value!.length, 0);
        expect(bytes).toBeLessThan(5.1 * 1024 * 1024);
      }
    });

    it('comes in smaller chunks where they are asked for', async () => {
      const topic = await newTopic(bus, 1);
      const records = Array.from({ length: 100 }, () => record('a', Buffer.alloc(1_000)));
      await bus.publish(topic, records);
      const { chunks, offsets } = await read(topic, 0, 100, 10_000);
      expect(offsets).toEqual([...Array(100).keys()]);
      for (const chunk of chunks) expect(chunk.length).toBeLessThanOrEqual(11);
    });

    it('takes nothing from a group that consumes the same topic', async () => {
      const topic = await newTopic(bus, 1);
      const inbox = await consumeInto(bus, { topics: [topic] });
      await bus.publish(topic, numbered('a', 10));
      const { offsets } = await read(topic, 0, 10);
      await inbox.holds(10);
      expect(offsets).toHaveLength(10);
      expect(inbox.records).toHaveLength(10);
    });

    it('may run several times at once', async () => {
      const topic = await newTopic(bus, 1);
      await bus.publish(topic, numbered('a', 10));
      const [one, two] = await Promise.all([read(topic, 0, 5), read(topic, 3, 10)]);
      expect(one.offsets).toEqual([0, 1, 2, 3, 4]);
      expect(two.offsets).toEqual([3, 4, 5, 6, 7, 8, 9]);
    });

    it('rejects with what the handler throws, and reads no further', async () => {
      const topic = await newTopic(bus, 1);
      await bus.publish(topic, numbered('a', 1_000));
      let calls = 0;
      const failure = new TypeError('no');
      const reading = bus.readRange({ topic, partition: 0, from: 0, to: 1_000 }, async () => {
        calls++;
        throw failure;
      });
      await expect(reading).rejects.toBe(failure);
      expect(calls).toBe(1);
    });

    it('rejects with the reason of its signal, before as well as while it reads', async () => {
      const topic = await newTopic(bus, 1);
      await bus.publish(topic, numbered('a', 1_000));
      const range = { topic, partition: 0, from: 0, to: 1_000 };
      const reason = new Error('stopped');
      const early = bus.readRange(range, async () => undefined, AbortSignal.abort(reason));
      await expect(early).rejects.toBe(reason);
      const asking = new AbortController();
      const begun = bus.readRange(range, async () => undefined, asking.signal);
      asking.abort(reason);
      await expect(begun).rejects.toBe(reason);
      const stopping = new AbortController();
      let calls = 0;
      const reading = bus.readRange(
        range,
        async () => {
          calls++;
          stopping.abort(reason);
        },
        stopping.signal,
      );
      await expect(reading).rejects.toBe(reason);
      expect(calls).toBe(1);
    });

    it('goes on with what is published later where it is followed, until its end or its signal', async () => {
      const topic = await newTopic(bus, 1);
      await bus.publish(topic, numbered('a', 3));
      const offsets: number[] = [];
      const stopping = new AbortController();
      const follow = (to: number) =>
        bus.readRange(
          { topic, partition: 0, from: 1, to, isFollowed: true },
          async (records) => void offsets.push(...records.map(({ offset }) => offset)),
          stopping.signal,
        );
      const bounded = follow(6);
      await eventually(() => expect(offsets).toEqual([1, 2]));
      await bus.publish(topic, numbered('a', 4));
      await bounded;
      expect(offsets).toEqual([1, 2, 3, 4, 5]);
      const endless = follow(Infinity);
      await eventually(() => expect(offsets.at(-1)).toBe(6));
      const reason = new Error('stopped');
      stopping.abort(reason);
      await expect(endless).rejects.toBe(reason);
    });

    it('knows no range of a topic that Parley did not make', async () => {
      const reading = read('test-never-made', 0, 1);
      await expect(reading).rejects.toMatchObject({ code: 'bus/unknown-topic' });
    });
  });
}
