import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Bus } from '../../src/index.js';
import { consumeInto, gate, newTopic, numbered, type OpenBuses, record, soon } from './harness.js';

export function describeStopping(buses: OpenBuses): void {
  describe('stopping', () => {
    let bus: Bus;

    beforeAll(async () => {
      bus = await buses.open();
    });

    it('lets the next member continue after the last chunk that was dealt with', async () => {
      const topic = await newTopic(bus, 1);
      const group = topic;
      await bus.publish(topic, numbered('a', 10));
      const first = await consumeInto(bus, { topics: [topic], group });
      await first.holds(10);
      await first.consumption.stop();
      await bus.publish(topic, numbered('a', 5, 10));
      const second = await consumeInto(bus, { topics: [topic], group });
      await second.holds(5);
      expect(second.records.map(({ offset }) => offset)).toEqual([10, 11, 12, 13, 14]);
    });

    it('leaves behind how far the group was, which may have been less while it ran, never more', async () => {
      const topic = await newTopic(bus, 1);
      const group = topic;
      expect(await bus.committed(group, topic)).toEqual(new Map());
      await bus.publish(topic, numbered('a', 10));
      const slow = gate();
      const { consumption, chunks } = await consumeInto(bus, {
        ...{ topics: [topic], group, maxRecords: 4 },
        handler: async ({ records }) => {
          if (records.at(-1)!.offset >= 8) await slow.opened;
        },
      });
      await soon(async () => expect(await bus.committed(group, topic)).toEqual(new Map([[0, 8]])));
      slow.open();
      await soon(() => chunks.length === 3);
      await consumption.stop();
      expect(await bus.committed(group, topic)).toEqual(new Map([[0, 10]]));
      await expect(bus.committed(group, 'test-never-made')).rejects.toMatchObject({
        code: 'bus/unknown-topic',
      });
    });

    it('waits for the chunk under way, which then counts as dealt with', async () => {
      const topic = await newTopic(bus, 1);
      const group = topic;
      await bus.publish(topic, numbered('a', 6));
      const slow = gate();
      let isStarted = false;
      const first = await consumeInto(bus, {
        ...{ topics: [topic], group, maxRecords: 3 },
        handler: async () => {
          isStarted = true;
          await slow.opened;
        },
      });
      await soon(() => isStarted);
      let isStopped = false;
      const stopping = first.consumption.stop().then(() => (isStopped = true));
      await bus.ping();
      expect(isStopped).toBe(false);
      slow.open();
      await stopping;
      expect(first.values).toEqual(['a:0', 'a:1', 'a:2']);
      const second = await consumeInto(bus, { topics: [topic], group });
      await second.holds(3);
      expect(second.values).toEqual(['a:3', 'a:4', 'a:5']);
    });

    it('gives a chunk that was not answered to the next member', async () => {
      const topic = await newTopic(bus, 1);
      const group = topic;
      await bus.publish(topic, numbered('a', 3));
      let isStarted = false;
      const first = await consumeInto(bus, {
        ...{ topics: [topic], group },
        handler: async (_, signal) => {
          isStarted = true;
          await new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(new Error('stopped'))),
          );
        },
      });
      await soon(() => isStarted);
      await first.consumption.stop();
      expect(first.records).toEqual([]);
      const second = await consumeInto(bus, { topics: [topic], group });
      await second.holds(3);
      expect(second.values).toEqual(['a:0', 'a:1', 'a:2']);
    });

    it('takes nothing that is published afterwards', async () => {
      const topic = await newTopic(bus, 1);
      const inbox = await consumeInto(bus, { topics: [topic] });
      await bus.publish(topic, [record('a')]);
      await inbox.holds(1);
      await inbox.consumption.stop();
      await bus.publish(topic, [record('a')]);
      const witness = await consumeInto(bus, { topics: [topic] });
      await witness.holds(2);
      expect(inbox.records.length).toBe(1);
    });

    it('may be asked for twice, and while nothing was ever delivered', async () => {
      const topic = await newTopic(bus);
      const { consumption } = await consumeInto(bus, { topics: [topic] });
      await Promise.all([consumption.stop(), consumption.stop()]);
      await consumption.stop();
    });

    it('is not a failure', async () => {
      const topic = await newTopic(bus);
      const { consumption } = await consumeInto(bus, { topics: [topic] });
      await consumption.stop();
      const failed = consumption.failed.then(() => 'failed');
      expect(await Promise.race([failed, bus.ping().then(() => 'fine')])).toBe('fine');
    });
  });
}
