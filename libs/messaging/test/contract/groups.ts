import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bus, type Chunk, type Consumption } from '../../src/index.js';
import { KEYS, newTopic, numbered, type OpenBuses, soon, uniqueName } from './harness.js';

/** Applies records as a consumer with offsets of its own does: what is below the next offset was applied before. */
class Ledger {
  readonly applied: string[] = [];
  private readonly next = new Map<number, number>();

  apply({ source: { partition }, records }: Chunk): void {
    for (const { offset, value } of records) {
      if (offset < (this.next.get(partition) ?? 0)) continue;
      this.next.set(partition, offset + 1);
      this.applied.push(String(value));
    }
  }

  of(key: string): string[] {
    return this.applied.filter((value) => value.startsWith(`${key}:`));
  }
}

export function describeGroups(buses: OpenBuses): void {
  describe('several members of a group', () => {
    let bus: Bus;
    let other: Bus;
    const members: Consumption[] = [];

    beforeAll(async () => {
      bus = await buses.open();
      other = await buses.open();
    });

    afterEach(async () => {
      await Promise.all(members.splice(0).map((member) => member.stop()));
    });

    async function join(from: Bus, group: string, topic: string, ledger: Ledger) {
      const seen = { records: 0 };
      const member = await from.consume({
        ...{ group, topics: [topic], maxRecords: 5 },
        handler: async (chunk) => {
          await from.ping();
          ledger.apply(chunk);
          seen.records += chunk.records.length;
        },
      });
      members.push(member);
      return { member, seen };
    }

    async function publishRounds(topic: string, from: number, rounds: number): Promise<void> {
      for (let n = from; n < from + rounds; n++)
        await bus.publish(
          topic,
          KEYS.flatMap((key) => numbered(key, 1, n)),
        );
    }

    function expectAllOnce(ledger: Ledger, count: number): void {
      for (const key of KEYS)
        expect(ledger.of(key)).toEqual(numbered(key, count).map(({ value }) => String(value)));
    }

    it('hand on the work when one of them stops', async () => {
      const topic = await newTopic(bus);
      const group = uniqueName('test-group');
      const ledger = new Ledger();
      const first = await join(bus, group, topic, ledger);
      await publishRounds(topic, 0, 10);
      await soon(() => first.seen.records > 0);
      const second = await join(other, group, topic, ledger);
      await publishRounds(topic, 10, 10);
      await first.member.stop();
      await publishRounds(topic, 20, 10);
      await soon(() => ledger.applied.length === KEYS.length * 30);
      expect(second.seen.records).toBeGreaterThan(0);
      expectAllOnce(ledger, 30);
    });

    it('apply each record once and keep the order of keys while members come and go', async () => {
      const topic = await newTopic(bus);
      const group = uniqueName('test-group');
      const ledger = new Ledger();
      const publishing = publishRounds(topic, 0, 60);
      const first = await join(bus, group, topic, ledger);
      const second = await join(other, group, topic, ledger);
      await first.member.stop();
      const third = await join(bus, group, topic, ledger);
      await second.member.stop();
      await publishing;
      await soon(() => ledger.applied.length === KEYS.length * 60);
      expect(third.seen.records).toBeGreaterThanOrEqual(0);
      expectAllOnce(ledger, 60);
    });

    it('join at the same moment without losing a partition', async () => {
      const topic = await newTopic(bus, 6);
      const group = uniqueName('test-group');
      const ledger = new Ledger();
      await Promise.all([join(bus, group, topic, ledger), join(other, group, topic, ledger)]);
      await publishRounds(topic, 0, 20);
      await soon(() => ledger.applied.length === KEYS.length * 20);
      expectAllOnce(ledger, 20);
    });

    it('deliver a record that arrives twice under the same coordinates', async () => {
      const topic = await newTopic(bus, 1);
      const group = uniqueName('test-group');
      await publishRounds(topic, 0, 1);
      const offsets: number[][] = [];
      let tries = 0;
      members.push(
        await bus.consume({
          ...{ group, topics: [topic] },
          handler: async ({ records }) => {
            offsets.push(records.map(({ offset }) => offset));
            if (++tries === 1) throw new Error('again');
          },
        }),
      );
      await soon(() => tries === 2);
      expect(offsets[1]).toEqual(offsets[0]);
    });

    it('goes on where it was moved to while nobody was in it, and is not moved while somebody is', async () => {
      const topic = await newTopic(bus, 1);
      const group = uniqueName('moved');
      await bus.publish(topic, numbered('a', 10));
      const place = { group, topic, partition: 0 };
      const first = await join(bus, group, topic, new Ledger());
      await soon(() => first.seen.records === 10);
      await expect(other.moveGroup({ ...place, at: 10, to: 5 })).rejects.toMatchObject({
        code: 'bus/group-not-moved',
      });
      await first.member.stop();
      await bus.publish(topic, numbered('a', 10, 10));
      await expect(other.moveGroup({ ...place, at: 3, to: 5 })).rejects.toMatchObject({
        code: 'bus/group-not-moved',
      });
      await other.moveGroup({ ...place, at: 10, to: 17 });
      expect((await other.committed(group, topic)).get(0)).toBe(17);
      const ledger = new Ledger();
      await join(other, group, topic, ledger);
      await soon(() => ledger.applied.length >= 3);
      expect(ledger.applied).toEqual(['a:17', 'a:18', 'a:19']);
    });

    it('may be moved before it has ever consumed', async () => {
      const topic = await newTopic(bus, 1);
      const group = uniqueName('moved');
      await bus.publish(topic, numbered('a', 3));
      await bus.moveGroup({ group, topic, partition: 0, at: 0, to: 2 });
      const ledger = new Ledger();
      await join(bus, group, topic, ledger);
      await soon(() => ledger.applied.length > 0);
      expect(ledger.applied).toEqual(['a:2']);
    });
  });
}
