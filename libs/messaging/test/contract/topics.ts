import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Bus, BusUnavailableError } from '../../src/index.js';
import {
  type BusHarness,
  consumeInto,
  newTopic,
  numbered,
  type OpenBuses,
  record,
  soon,
  uniqueName,
} from './harness.js';

export function describeTopics(buses: OpenBuses, harness: () => BusHarness): void {
  describe('topics and the bus itself', () => {
    let bus: Bus;

    beforeAll(async () => {
      bus = await buses.open();
    });

    async function recreate(topic: string): Promise<void> {
      await harness().deleteTopic(topic);
      await bus.ensureTopic({ topic, partitions: 3 });
    }

    it('has the same id for everyone who opens it', async () => {
      expect((await buses.open()).id).toBe(bus.id);
      expect(bus.id).not.toBe('');
    });

    it('answers a ping', async () => {
      await expect(bus.ping()).resolves.toBeUndefined();
    });

    it('makes a topic once, with incarnation 1', async () => {
      const topic = await newTopic(bus, 2);
      await bus.ensureTopic({ topic, partitions: 2 });
      expect(await bus.incarnation(topic)).toBe(1);
      expect(await bus.ends(topic)).toEqual([
        { partition: 0, highWater: 0, logStart: 0 },
        { partition: 1, highWater: 0, logStart: 0 },
      ]);
    });

    it('makes a topic once when several processes ask for it at the same time', async () => {
      const others = await Promise.all([buses.open(), buses.open()]);
      const topic = uniqueName('test-topic');
      const asking = [bus, ...others].map((one) => one.ensureTopic({ topic, partitions: 2 }));
      await Promise.all(asking);
      expect(await bus.incarnation(topic)).toBe(1);
    });

    it('makes many topics that are asked for at once', async () => {
      const topics = Array.from({ length: 20 }, () => uniqueName('test-topic'));
      await Promise.all(topics.map((topic) => bus.ensureTopic({ topic, partitions: 1 })));
      const incarnations = await Promise.all(topics.map((topic) => bus.incarnation(topic)));
      expect(new Set(incarnations)).toEqual(new Set([1]));
    });

    it('knows no incarnation, no ends and no consumers of a topic that Parley did not make', async () => {
      const unknown = { code: 'bus/unknown-topic' };
      await expect(bus.incarnation('test-never-made')).rejects.toMatchObject(unknown);
      await expect(bus.ends('test-never-made')).rejects.toMatchObject(unknown);
      await expect(consumeInto(bus, { topics: ['test-never-made'] })).rejects.toMatchObject(
        unknown,
      );
    });

    it('says where each partition ends', async () => {
      const topic = await newTopic(bus, 1);
      await bus.publish(topic, numbered('a', 7));
      expect(await bus.ends(topic)).toEqual([{ partition: 0, highWater: 7, logStart: 0 }]);
    });

    it('says where each partition begins once old records are gone', async () => {
      const topic = await newTopic(bus, 1);
      await bus.publish(topic, numbered('a', 7));
      await harness().dropRecords(topic, 4);
      expect(await bus.ends(topic)).toEqual([{ partition: 0, highWater: 7, logStart: 4 }]);
      await harness().dropRecords(topic, 7);
      expect(await bus.ends(topic)).toEqual([{ partition: 0, highWater: 7, logStart: 7 }]);
    });

    it('makes a topic with settings of its own where the bus has such a thing', async () => {
      const topic = uniqueName('test-topic');
      const config = { 'compression.type': 'uncompressed' };
      await bus.ensureTopic({ topic, partitions: 1, config });
      await bus.publish(topic, numbered('a', 2));
      expect(await bus.ends(topic)).toMatchObject([{ highWater: 2 }]);
    });

    it('raises the incarnation of a topic that is made anew, and counts offsets from 0', async () => {
      const topic = await newTopic(bus);
      await bus.publish(topic, numbered('a', 3));
      await recreate(topic);
      expect(await bus.incarnation(topic)).toBe(2);
      await bus.publish(topic, [record('a', 'new')]);
      const inbox = await consumeInto(bus, { topics: [topic] });
      await inbox.holds(1);
      expect(inbox.values).toEqual(['new']);
      expect(inbox.records[0]!.offset).toBe(0);
      expect(inbox.chunks[0]!.source.incarnation).toBe(2);
    });

    it('starts a group at 0 again when its topic was made anew', async () => {
      const topic = await newTopic(bus);
      const group = uniqueName('test-group');
      await bus.publish(topic, numbered('a', 3));
      const before = await consumeInto(bus, { topics: [topic], group });
      await before.holds(3);
      await before.consumption.stop();
      await recreate(topic);
      await bus.publish(topic, [record('a', 'new')]);
      const after = await consumeInto(bus, { topics: [topic], group });
      await after.holds(1);
      expect(after.values).toEqual(['new']);
    });

    it('lets a running consumption go on with a topic that is made anew', async () => {
      const topic = await newTopic(bus);
      await bus.publish(topic, numbered('a', 3));
      const inbox = await consumeInto(bus, { topics: [topic] });
      await inbox.holds(3);
      await recreate(topic);
      await soon(() => bus.publish(topic, [record('a', 'new')]).then(() => true));
      await soon(() => inbox.values.includes('new'));
      const last = inbox.chunks.find(({ records }) => String(records.at(-1)?.value) === 'new')!;
      expect(last.source.incarnation).toBe(2);
    });

    it('publishes to a topic that another process made anew', async () => {
      const other = await buses.open();
      const topic = await newTopic(bus);
      await other.publish(topic, [record('a')]);
      await recreate(topic);
      await soon(() => other.publish(topic, [record('a', 'new')]).then(() => true));
      const inbox = await consumeInto(other, { topics: [topic] });
      await soon(() => inbox.values.includes('new'));
    });

    it('knows the ends of its other topics, and makes new ones, once one of them is gone', async () => {
      const [gone, kept] = [await newTopic(bus, 1), await newTopic(bus, 1)];
      await bus.ends(gone);
      await harness().deleteTopic(gone);
      expect(await bus.ends(kept)).toHaveLength(1);
      expect(await bus.ends(await newTopic(bus, 2))).toHaveLength(2);
      await bus.ping();
    });

    it('takes nothing once it is closed, and may be closed twice', async () => {
      const closed = await buses.open();
      const topic = await newTopic(closed);
      await closed.close();
      await closed.close();
      const unavailable = { code: 'bus/unavailable' };
      await expect(closed.publish(topic, [record('a')])).rejects.toBeInstanceOf(
        BusUnavailableError,
      );
      await expect(consumeInto(closed, { topics: [topic] })).rejects.toMatchObject(unavailable);
    });

    it('stops its consumptions when it is closed', async () => {
      const closing = await buses.open();
      const topic = await newTopic(closing);
      const inbox = await consumeInto(closing, { topics: [topic] });
      await closing.publish(topic, [record('a')]);
      await inbox.holds(1);
      await closing.close();
      await bus.publish(topic, [record('a')]);
      expect(inbox.records.length).toBe(1);
    });
  });
}
