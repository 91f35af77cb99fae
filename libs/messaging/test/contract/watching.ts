import { describe, expect, it } from '@jest/globals';
import { type LostRecords } from '../../src/index.js';
import {
  type BusHarness,
  consumeInto,
  newTopic,
  numbered,
  type OpenBuses,
  record,
  soon,
} from './harness.js';

export function describeWatching(buses: OpenBuses, harness: () => BusHarness): void {
  describe('what a bus tells of its consumptions', () => {
    async function watched() {
      const lost: LostRecords[] = [];
      const bus = await buses.open({ onLost: (records) => lost.push(records) });
      return { bus, lost };
    }

    it('is which records were gone before a group that was stopped got them', async () => {
      const { bus, lost } = await watched();
      const topic = await newTopic(bus, 1);
      const group = topic;
      await bus.publish(topic, numbered('a', 3));
      const before = await consumeInto(bus, { topics: [topic], group });
      await before.holds(3);
      await before.consumption.stop();
      await bus.publish(topic, numbered('a', 5, 3));
      await harness().dropRecords(topic, 6);
      const after = await consumeInto(bus, { topics: [topic], group });
      await after.holds(2);
      expect(after.records.map(({ offset }) => offset)).toEqual([6, 7]);
      const source = { bus: bus.id, incarnation: 1, group, topic, partition: 0 };
      expect(lost).toEqual([{ source, from: 3, to: 6 }]);
    });

    it('is nothing of a group that reads a topic for the first time, or in which nothing was gone', async () => {
      const { bus, lost } = await watched();
      const topic = await newTopic(bus, 1);
      await bus.publish(topic, numbered('a', 5));
      await harness().dropRecords(topic, 3);
      const first = await consumeInto(bus, { topics: [topic], group: topic });
      await first.holds(2);
      await first.consumption.stop();
      await harness().dropRecords(topic, 5);
      await bus.publish(topic, [record('a')]);
      const second = await consumeInto(bus, { topics: [topic], group: topic });
      await second.holds(1);
      expect(lost).toEqual([]);
    });

    it('is how long they have been silent: not at all without any, and briefly while one runs', async () => {
      const { bus } = await watched();
      expect(bus.silentForMs()).toBe(0);
      const topic = await newTopic(bus);
      const { consumption } = await consumeInto(bus, { topics: [topic] });
      await soon(() => bus.silentForMs() > 0);
      const longest: number[] = [];
      await soon(() => longest.push(bus.silentForMs()) > 30);
      expect(Math.max(...longest)).toBeLessThan(10_000);
      await consumption.stop();
      expect(bus.silentForMs()).toBe(0);
    });
  });
}
