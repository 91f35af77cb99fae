import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Bus } from '../../src/index.js';
import {
  type BusHarness,
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

export function describeSubscribing(buses: OpenBuses, harness: () => BusHarness): void {
  describe('changing the topics of a running consumption', () => {
    let bus: Bus;

    beforeAll(async () => {
      bus = await buses.open();
    });

    it('takes up a new topic from the beginning, beside the old one', async () => {
      const [old, added] = [await newTopic(bus), await newTopic(bus)];
      await bus.publish(added, numbered('before', 3));
      const inbox = await consumeInto(bus, { topics: [old] });
      await bus.publish(old, numbered('old', 3));
      await inbox.holds(3);
      await inbox.consumption.subscribe([old, added]);
      await inbox.holds(6);
      await bus.publish(old, numbered('old', 3, 3));
      await bus.publish(added, numbered('after', 3));
      await inbox.holds(12);
      expect(inbox.valuesOf('before')).toEqual(['before:0', 'before:1', 'before:2']);
      expect(new Set(inbox.valuesOf('old')).size).toBe(6);
    });

    it('loses nothing of a topic that stays while others come and go', async () => {
      const topics = [await newTopic(bus), await newTopic(bus)];
      const stays = topics[0]!;
      const inbox = await consumeInto(bus, { topics: [stays], maxRecords: 5 });
      let isOver = false;
      let published = 0;
      const publishing = (async () => {
        for (; !isOver; published++) await bus.publish(stays, numbered('a', 1, published));
      })();
      for (const list of [topics, [stays], topics, [stays]])
        await inbox.consumption.subscribe(list);
      isOver = true;
      await publishing;
      await soon(() => new Set(inbox.values).size === published);
      const firsts = [...new Set(inbox.values)];
      expect(firsts).toEqual(numbered('a', published).map(({ value }) => String(value)));
    });

    it('leaves a topic, and the next member continues where it was left', async () => {
      const [left, kept] = [await newTopic(bus, 1), await newTopic(bus, 1)];
      const group = uniqueName('test-group');
      const first = await consumeInto(bus, { topics: [left, kept], group });
      await bus.publish(left, numbered('a', 5));
      await first.holds(5);
      await first.consumption.subscribe([kept]);
      await bus.publish(left, numbered('a', 5, 5));
      await bus.publish(kept, [record('kept')]);
      await first.holds(6);
      expect(first.values.at(-1)).toBe('kept');
      const second = await consumeInto(bus, { topics: [left], group });
      await second.holds(5);
      expect(second.values).toEqual(['a:5', 'a:6', 'a:7', 'a:8', 'a:9']);
    });

    it('waits for the chunk under way of a topic that it leaves', async () => {
      const topic = await newTopic(bus, 1);
      const slow = gate();
      let isStarted = false;
      const inbox = await consumeInto(bus, {
        ...{ topics: [topic], maxRecords: 3 },
        handler: async () => {
          isStarted = true;
          await slow.opened;
        },
      });
      await bus.publish(topic, numbered('a', 6));
      await soon(() => isStarted);
      let hasLeft = false;
      const leaving = inbox.consumption.subscribe([]).then(() => (hasLeft = true));
      await bus.ping();
      expect(hasLeft).toBe(false);
      slow.open();
      await leaving;
      expect(inbox.values).toEqual(['a:0', 'a:1', 'a:2']);
    });

    it('takes an empty list, at first as well as later', async () => {
      const topic = await newTopic(bus);
      const inbox = await consumeInto(bus, { topics: [] });
      await bus.publish(topic, [record('a')]);
      await inbox.consumption.subscribe([topic]);
      await inbox.holds(1);
      await inbox.consumption.subscribe([]);
      await bus.publish(topic, [record('b')]);
      await inbox.consumption.subscribe([topic]);
      await inbox.holds(2);
      expect(inbox.values).toEqual(['a', 'b']);
    });

    it('lets two members of a group change to different lists', async () => {
      const group = uniqueName('test-group');
      const [first, second] = [await newTopic(bus), await newTopic(bus)];
      const other = await buses.open();
      const one = await consumeInto(bus, { group, topics: [] });
      const two = await consumeInto(other, { group, topics: [first] });
      const change = [one.consumption.subscribe([first]), two.consumption.subscribe([second])];
      await Promise.all(change);
      for (const topic of [first, second])
        await bus.publish(
          topic,
          KEYS.map((key) => record(key, topic)),
        );
      await Promise.all([one.holds(KEYS.length), two.holds(KEYS.length)]);
      expect(new Set(one.values)).toEqual(new Set([first]));
      expect(new Set(two.values)).toEqual(new Set([second]));
    });

    it('ends with the last of several lists', async () => {
      const topics = [await newTopic(bus), await newTopic(bus), await newTopic(bus)];
      const inbox = await consumeInto(bus, { topics: [] });
      await Promise.all(topics.map((topic) => inbox.consumption.subscribe([topic])));
      for (const topic of topics) await bus.publish(topic, [record('a', topic)]);
      await inbox.holds(1);
      expect(inbox.values).toEqual([topics[2]]);
    });

    it('refuses a topic that Parley did not make, and goes on as before', async () => {
      const topic = await newTopic(bus);
      const inbox = await consumeInto(bus, { topics: [topic] });
      const refused = inbox.consumption.subscribe([topic, 'test-never-made']);
      await expect(refused).rejects.toMatchObject({ code: 'bus/unknown-topic' });
      await bus.publish(topic, [record('a')]);
      await inbox.holds(1);
    });

    it('goes on with its other topics when one of them is gone', async () => {
      const [gone, kept] = [await newTopic(bus), await newTopic(bus)];
      const inbox = await consumeInto(bus, { topics: [gone, kept] });
      await (await buses.open()).publish(gone, [record('gone')]);
      await inbox.holds(1);
      await harness().deleteTopic(gone);
      for (let n = 0; n < 3; n++) {
        await bus.publish(kept, numbered('a', 1, n));
        await inbox.holds(2 + n);
      }
    });

    it('does nothing once the consumption has stopped', async () => {
      const topic = await newTopic(bus);
      const inbox = await consumeInto(bus, { topics: [] });
      await inbox.consumption.stop();
      await inbox.consumption.subscribe([topic]);
      await bus.publish(topic, [record('a')]);
      const witness = await consumeInto(bus, { topics: [topic] });
      await witness.holds(1);
      expect(inbox.records).toEqual([]);
    });
  });
}
