import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Bus, BusUnavailableError } from '../../src/index.js';
import { type BusHarness, consumeInto, newTopic, type OpenBuses, record, soon } from './harness.js';

export function describeOutages(buses: OpenBuses, harness: () => BusHarness): void {
  describe('an outage of the bus', () => {
    let bus: Bus;

    beforeAll(async () => {
      bus = await buses.open();
    });

    it('loses nothing that was acknowledged, and consumption goes on by itself', async () => {
      const topic = await newTopic(bus);
      const inbox = await consumeInto(bus, { topics: [topic] });
      await bus.publish(topic, [record('before')]);
      await inbox.holds(1);
      const acknowledged: string[] = [];
      const failures: unknown[] = [];
      let isOver = false;
      const publishing = (async () => {
        for (let n = 0; !isOver; n++)
          await bus.publish(topic, [record('key', `${n}`)]).then(
            () => acknowledged.push(`${n}`),
            (error) => failures.push(error),
          );
      })();
      await soon(() => acknowledged.length > 5);
      await harness().interrupt();
      const atReturn = acknowledged.length;
      await soon(() => acknowledged.length > atReturn + 5);
      isOver = true;
      await publishing;
      for (const failure of failures) expect(failure).toBeInstanceOf(BusUnavailableError);
      await soon(() => inbox.values.includes(acknowledged.at(-1)!));
      const got = new Set(inbox.values);
      expect(acknowledged.filter((value) => !got.has(value))).toEqual([]);
      const firsts = [...got].filter((value) => value !== 'before').map(Number);
      expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
    });

    it('does not count as a failure of a handler', async () => {
      const topic = await newTopic(bus);
      const inbox = await consumeInto(bus, { topics: [topic], maxAttempts: 1 });
      await harness().interrupt();
      await soon(() => bus.publish(topic, [record('after')]).then(() => true));
      await inbox.holds(1);
    });

    it('leaves the bus usable', async () => {
      await harness().interrupt();
      await soon(() => bus.ping().then(() => true));
      const topic = await newTopic(bus);
      expect(await bus.incarnation(topic)).toBe(1);
    });
  });
}
