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
} from './harness.js';

const THROWN: readonly [string, unknown][] = [
  ['an Error', new Error('again')],
  ['a TypeError', new TypeError('again')],
  ['a RangeError', new RangeError('again')],
  ['a SyntaxError', new SyntaxError('again')],
  ['a ReferenceError', new ReferenceError('again')],
  ['a string', 'again'],
  ['nothing at all', undefined],
];

export function describeFailures(buses: OpenBuses): void {
  describe('handlers that throw', () => {
    let bus: Bus;

    beforeAll(async () => {
      bus = await buses.open();
    });

    it.each(THROWN)('get the same chunk again after %s', async (_, thrown) => {
      const topic = await newTopic(bus, 1);
      await bus.publish(topic, numbered('a', 3));
      let tries = 0;
      const inbox = await consumeInto(bus, {
        topics: [topic],
        handler: async () => {
          if (++tries <= 2) throw thrown;
        },
      });
      await inbox.holds(3);
      await bus.publish(topic, [record('a', 'later')]);
      await inbox.holds(4);
      expect(inbox.values).toEqual(['a:0', 'a:1', 'a:2', 'later']);
      expect(tries).toBeGreaterThanOrEqual(4);
    });

    it('get later records only after the failed ones', async () => {
      const topic = await newTopic(bus, 1);
      await bus.publish(topic, numbered('a', 30));
      const failedOnce = new Set<number>();
      const inbox = await consumeInto(bus, {
        topics: [topic],
        maxRecords: 3,
        handler: async ({ records: [first] }) => {
          if (failedOnce.has(first!.offset)) return;
          failedOnce.add(first!.offset);
          throw new Error('again');
        },
      });
      await inbox.holds(30);
      expect(inbox.records.map(({ offset }) => offset)).toEqual([...Array(30).keys()]);
    });

    it('do not stop the other partitions', async () => {
      const topic = await newTopic(bus);
      const cured = gate();
      let isSick = true;
      void cured.opened.then(() => (isSick = false));
      const inbox = await consumeInto(bus, {
        ...{ topics: [topic], maxAttempts: 1_000_000 },
        handler: async ({ source }) => {
          if (source.partition === 1 && isSick) throw new TypeError('sick');
        },
      });
      for (let round = 0; round < 4; round++) {
        const before = inbox.records.length;
        await bus.publish(
          topic,
          KEYS.map((key) => record(key)),
        );
        await soon(() => inbox.records.length > before);
      }
      expect(inbox.chunks.some(({ source }) => source.partition === 1)).toBe(false);
      cured.open();
      await inbox.holds(KEYS.length * 4);
    });

    it('end the consumption after the last try, with what they threw as the cause', async () => {
      const topic = await newTopic(bus, 1);
      const cause = new TypeError('for good');
      let tries = 0;
      const inbox = await consumeInto(bus, {
        ...{ topics: [topic], maxAttempts: 3 },
        handler: async () => {
          tries++;
          throw cause;
        },
      });
      await bus.publish(topic, [record('a')]);
      const failure = await inbox.consumption.failed;
      expect(failure).toMatchObject({ code: 'bus/handler-failed', cause });
      expect(tries).toBe(3);
      await inbox.consumption.stop();
      await bus.publish(topic, [record('a')]);
      expect(tries).toBe(3);
    });

    it('leave their chunk to the next member when the last try failed', async () => {
      const topic = await newTopic(bus, 1);
      const group = topic;
      await bus.publish(topic, numbered('a', 2));
      const sick = await consumeInto(bus, {
        ...{ topics: [topic], group, maxAttempts: 1 },
        handler: async () => {
          throw new Error('for good');
        },
      });
      await sick.consumption.failed;
      await sick.consumption.stop();
      const healthy = await consumeInto(bus, { topics: [topic], group });
      await healthy.holds(2);
      expect(healthy.values).toEqual(['a:0', 'a:1']);
    });

    it('can be stopped between two tries', async () => {
      const topic = await newTopic(bus, 1);
      await bus.publish(topic, [record('a')]);
      let tries = 0;
      const inbox = await consumeInto(bus, {
        ...{ topics: [topic], maxAttempts: 1_000_000 },
        handler: async () => {
          tries++;
          throw new Error('again');
        },
      });
      await soon(() => tries > 2);
      await inbox.consumption.stop();
      const after = tries;
      await bus.ping();
      expect(tries).toBe(after);
    });
  });
}
