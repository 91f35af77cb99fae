import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Bus } from '../../src/index.js';
import {
  consumeInto,
  gate,
  KEYS,
  newTopic,
  numbered,
  type OpenBuses,
  record,
  soon,
  uniqueName,
} from './harness.js';

export function describeConsuming(buses: OpenBuses): void {
  describe('consuming', () => {
    let bus: Bus;

    beforeAll(async () => {
      bus = await buses.open();
    });

    it('gives a new group everything from the beginning', async () => {
      const topic = await newTopic(bus);
      await bus.publish(topic, numbered('a', 20));
      const inbox = await consumeInto(bus, { topics: [topic] });
      await inbox.holds(20);
      expect(inbox.values).toEqual(numbered('a', 20).map(({ value }) => String(value)));
    });

    it('delivers what is published while it consumes', async () => {
      const topic = await newTopic(bus);
      const inbox = await consumeInto(bus, { topics: [topic] });
      for (let n = 1; n <= 5; n++) {
        await bus.publish(topic, numbered('a', 1, n));
        await inbox.holds(n);
      }
      expect(inbox.values).toEqual(['a:1', 'a:2', 'a:3', 'a:4', 'a:5']);
    });

    it('delivers what another process publishes', async () => {
      const other = await buses.open();
      const topic = await newTopic(bus);
      const inbox = await consumeInto(bus, { topics: [topic] });
      await other.publish(topic, [record('a')]);
      await inbox.holds(1);
    });

    it('names the coordinates of each record', async () => {
      const topic = await newTopic(bus, 1);
      const group = uniqueName('test-group');
      await bus.publish(topic, numbered('a', 3));
      const inbox = await consumeInto(bus, { topics: [topic], group });
      await inbox.holds(3);
      const source = { bus: bus.id, incarnation: 1, group, topic, partition: 0 };
      for (const chunk of inbox.chunks) expect(chunk.source).toEqual(source);
      expect(inbox.records.map(({ offset }) => offset)).toEqual([0, 1, 2]);
    });

    it('says how far the partition reaches', async () => {
      const topic = await newTopic(bus, 1);
      await bus.publish(topic, numbered('a', 10));
      const inbox = await consumeInto(bus, { topics: [topic], maxRecords: 4 });
      await inbox.holds(10);
      expect(inbox.chunks.map(({ highWater }) => highWater)).toEqual([10, 10, 10]);
    });

    it('cuts chunks by the number of records', async () => {
      const topic = await newTopic(bus, 1);
      await bus.publish(topic, numbered('a', 10));
      const inbox = await consumeInto(bus, { topics: [topic], maxRecords: 4 });
      await inbox.holds(10);
      expect(inbox.chunks.map(({ records }) => records.length)).toEqual([4, 4, 2]);
    });

    it('cuts chunks by the bytes of values, and lets a single record exceed them', async () => {
      const topic = await newTopic(bus, 1);
      const sizes = [400, 400, 400, 3_000, 100];
      await bus.publish(
        topic,
        sizes.map((size) => record('a', Buffer.alloc(size))),
      );
      const inbox = await consumeInto(bus, { topics: [topic], maxBytes: 1_000 });
      await inbox.holds(5);
      expect(inbox.chunks.map(({ records }) => records.length)).toEqual([2, 1, 1, 1]);
    });

    it('hands out one chunk of a partition at a time', async () => {
      const topic = await newTopic(bus);
      const open = new Set<number>();
      let overlaps = 0;
      const inbox = await consumeInto(bus, {
        topics: [topic],
        maxRecords: 3,
        handler: async ({ source: { partition } }) => {
          if (open.has(partition)) overlaps++;
          open.add(partition);
          await bus.ping();
          open.delete(partition);
        },
      });
      for (const key of KEYS) await bus.publish(topic, numbered(key, 20));
      await inbox.holds(KEYS.length * 20);
      expect(overlaps).toBe(0);
    });

    it('handles partitions side by side: one that waits does not hold up the others', async () => {
      const topic = await newTopic(bus);
      const slow = gate();
      const inbox = await consumeInto(bus, {
        topics: [topic],
        handler: async ({ source }) => {
          if (source.partition === 0) await slow.opened;
        },
      });
      const partitions = () => new Set(inbox.chunks.map(({ source }) => source.partition));
      for (let round = 0; round < 3; round++)
        await bus.publish(
          topic,
          KEYS.map((key) => record(key)),
        );
      await soon(() => partitions().size === 2);
      const before = inbox.records.length;
      await bus.publish(
        topic,
        KEYS.map((key) => record(key)),
      );
      await soon(() => inbox.records.length > before);
      expect(partitions()).toEqual(new Set([1, 2]));
      slow.open();
      await inbox.holds(KEYS.length * 4);
    });

    it('holds back what a slow handler can’t take, and delivers all of it in the end', async () => {
      const topic = await newTopic(bus, 1);
      const slow = gate();
      let waiting = 0;
      const inbox = await consumeInto(bus, {
        ...{ topics: [topic], maxRecords: 10, maxBytes: 100_000 },
        handler: async () => {
          waiting++;
          await slow.opened;
        },
      });
      const filler = Buffer.alloc(20_000);
      for (let n = 0; n < 20; n++)
        await bus.publish(
          topic,
          Array.from({ length: 20 }, () => record('a', filler)),
        );
      await soon(() => waiting === 1);
      expect(inbox.chunks.length).toBe(0);
      slow.open();
      await inbox.holds(400);
      expect(inbox.records.map(({ offset }) => offset)).toEqual([...Array(400).keys()]);
      for (const { records } of inbox.chunks) expect(records.length).toBeLessThanOrEqual(5);
    });

    it('lets groups consume independently of each other', async () => {
      const topic = await newTopic(bus);
      await bus.publish(topic, numbered('a', 5));
      const stuck = gate();
      const one = await consumeInto(bus, { topics: [topic], handler: () => stuck.opened });
      const two = await consumeInto(bus, { topics: [topic] });
      await two.holds(5);
      expect(one.records.length).toBe(0);
      stuck.open();
      await one.holds(5);
    });

    it('lets one member consume several topics', async () => {
      const topics = [await newTopic(bus), await newTopic(bus)];
      const inbox = await consumeInto(bus, { topics });
      for (const topic of topics) await bus.publish(topic, [record(topic)]);
      await inbox.holds(2);
      expect(new Set(inbox.values)).toEqual(new Set(topics));
    });

    it('lets members of one group consume different topics', async () => {
      const group = uniqueName('test-group');
      const [first, second] = [await newTopic(bus), await newTopic(bus)];
      const [one, two] = await Promise.all([
        consumeInto(bus, { group, topics: [first] }),
        consumeInto(bus, { group, topics: [second] }),
      ]);
      for (const topic of [first, second])
        await bus.publish(
          topic,
          KEYS.map((key) => record(key, topic)),
        );
      await Promise.all([one.holds(KEYS.length), two.holds(KEYS.length)]);
      expect(new Set(one.values)).toEqual(new Set([first]));
      expect(new Set(two.values)).toEqual(new Set([second]));
    });
  });
}
