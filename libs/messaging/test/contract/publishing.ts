import { beforeAll, describe, expect, it } from '@jest/globals';
import { MAX_RECORD_BYTES } from '@parley/contracts';
import { type Bus, partitionOf, RecordTooLargeError } from '../../src/index.js';
import { consumeInto, KEYS, newTopic, numbered, type OpenBuses, record } from './harness.js';

async function total(bus: Bus, topic: string): Promise<number> {
  return (await bus.ends(topic)).reduce((sum, { highWater }) => sum + highWater, 0);
}

export function describePublishing(buses: OpenBuses): void {
  describe('publishing', () => {
    let bus: Bus;

    beforeAll(async () => {
      bus = await buses.open();
    });

    it('delivers key, headers and value byte for byte', async () => {
      const topic = await newTopic(bus);
      const value = Buffer.from([0, 255, 10, 13, 128]);
      const headers = { ce_id: '1', 'x-ünï': 'grüße 🎈', 'x-empty': '', 'x-nul': 'a\0b' };
      await bus.publish(topic, [{ key: 'tenant/ключ', headers, value }]);
      const inbox = await consumeInto(bus, { topics: [topic] });
      await inbox.holds(1);
      const [got] = inbox.records;
      expect(String(got!.key)).toBe('tenant/ключ');
      expect(got!.value).toEqual(value);
      expect(Object.entries(got!.headers).map(([name, bytes]) => [name, String(bytes)])).toEqual(
        Object.entries(headers),
      );
    });

    it('delivers an empty value, an empty key and no headers as such', async () => {
      const topic = await newTopic(bus);
      await bus.publish(topic, [record('', '')]);
      const inbox = await consumeInto(bus, { topics: [topic] });
      await inbox.holds(1);
      expect(inbox.records[0]).toMatchObject({
        ...{ key: Buffer.alloc(0), value: Buffer.alloc(0), headers: {} },
      });
    });

    it('takes a value of exactly the largest size', async () => {
      const topic = await newTopic(bus);
      await bus.publish(topic, [record('a', Buffer.alloc(MAX_RECORD_BYTES, 'x'))]);
      const inbox = await consumeInto(bus, { topics: [topic] });
      await inbox.holds(1);
      expect(inbox.records[0]!.value!.length).toBe(MAX_RECORD_BYTES);
    });

    it('refuses a value one byte larger, and publishes nothing of the call', async () => {
      const topic = await newTopic(bus);
      const large = record('b', Buffer.alloc(MAX_RECORD_BYTES + 1));
      const publishing = bus.publish(topic, [record('a'), large, record('c')]);
      await expect(publishing).rejects.toBeInstanceOf(RecordTooLargeError);
      expect(await total(bus, topic)).toBe(0);
    });

    it('refuses key and headers that outgrow the room beside a value', async () => {
      const topic = await newTopic(bus);
      const large = { ...record('a'), headers: { note: 'x'.repeat(65 * 1024) } };
      await expect(bus.publish(topic, [large])).rejects.toMatchObject({
        code: 'bus/record-too-large',
      });
      expect(await total(bus, topic)).toBe(0);
    });

    it('publishes nothing for an empty list', async () => {
      const topic = await newTopic(bus);
      await bus.publish(topic, []);
      expect(await total(bus, topic)).toBe(0);
    });

    it('refuses a topic that Parley did not make', async () => {
      await expect(bus.publish('test-never-made', [record('a')])).rejects.toMatchObject({
        code: 'bus/unknown-topic',
      });
    });

    it('stamps records with the time of their publication', async () => {
      const topic = await newTopic(bus);
      const before = Date.now();
      await bus.publish(topic, [record('a')]);
      const after = Date.now();
      const inbox = await consumeInto(bus, { topics: [topic] });
      await inbox.holds(1);
      expect(inbox.records[0]!.timestamp).toBeGreaterThanOrEqual(before - 5);
      expect(inbox.records[0]!.timestamp).toBeLessThanOrEqual(after + 5);
    });

    it('chooses the partition by the key as Kafka’s default partitioner does', async () => {
      const topic = await newTopic(bus, 5);
      await bus.publish(
        topic,
        KEYS.map((key) => record(key)),
      );
      const inbox = await consumeInto(bus, { topics: [topic] });
      await inbox.holds(KEYS.length);
      for (const { source, records } of inbox.chunks)
        for (const { key } of records) expect(partitionOf(key!, 5)).toBe(source.partition);
    });

    it('keeps a call that is larger than any request whole and in order', async () => {
      const topic = await newTopic(bus);
      const filler = 'x'.repeat(10_000);
      const records = Array.from({ length: 300 }, (_, n) => record('one-key', `${n}:${filler}`));
      await bus.publish(topic, records);
      const inbox = await consumeInto(bus, { topics: [topic] });
      await inbox.holds(300);
      expect(inbox.values.map((value) => parseInt(value))).toEqual([...Array(300).keys()]);
    });

    it('makes the records of many concurrent callers durable, each once', async () => {
      const topic = await newTopic(bus);
      const calls = Array.from({ length: 300 }, (_, n) => bus.publish(topic, [record(`key-${n}`)]));
      await Promise.all(calls);
      expect(await total(bus, topic)).toBe(300);
      const inbox = await consumeInto(bus, { topics: [topic] });
      await inbox.holds(300);
      expect(new Set(inbox.values).size).toBe(300);
    });

    it('keeps the order of awaited calls of a key while others publish, too', async () => {
      const topic = await newTopic(bus);
      const callers = KEYS.map(async (key) => {
        for (const one of numbered(key, 25)) await bus.publish(topic, [one]);
      });
      await Promise.all(callers);
      const inbox = await consumeInto(bus, { topics: [topic] });
      await inbox.holds(KEYS.length * 25);
      for (const key of KEYS)
        expect(inbox.valuesOf(key)).toEqual(numbered(key, 25).map(({ value }) => String(value)));
    });

    it('takes what several processes publish at once, without gaps between offsets', async () => {
      const other = await buses.open();
      const topic = await newTopic(bus);
      const calls = Array.from({ length: 60 }, (_, n) =>
        (n % 2 ? bus : other).publish(
          topic,
          KEYS.map((key) => record(key)),
        ),
      );
      await Promise.all(calls);
      expect(await total(bus, topic)).toBe(60 * KEYS.length);
      const inbox = await consumeInto(bus, { topics: [topic] });
      await inbox.holds(60 * KEYS.length);
      const offsets: Record<number, number[]> = {};
      for (const { source, records } of inbox.chunks)
        (offsets[source.partition] ??= []).push(...records.map(({ offset }) => offset));
      for (const list of Object.values(offsets)) expect(list).toEqual([...list.keys()]);
    });
  });
}
