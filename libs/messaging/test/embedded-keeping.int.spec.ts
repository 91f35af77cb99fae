import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bus, countUnapplied } from '../src/index.js';
import { keepRecordPartitions } from '../src/embedded/retention.js';
import { consumeInto, gate, newTopic, numbered, record, soon } from './contract/harness.js';
import { startEmbeddedHarness } from './embedded-harness.js';

describe('what the embedded bus keeps', () => {
  let harness: Awaited<ReturnType<typeof startEmbeddedHarness>>;
  let bus: Bus;

  beforeAll(async () => {
    harness = await startEmbeddedHarness();
    bus = await harness.open();
  });

  afterAll(async () => {
    await bus.close();
    await harness.close();
  });

  async function partitions(): Promise<string[]> {
    const { rows } = await harness.pool.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class JOIN pg_inherits ON inhrelid = oid
        WHERE inhparent = 'bus_records'::regclass ORDER BY relname`,
    );
    return rows.map(({ name }) => name);
  }

  it('has room for today and the two days to come', async () => {
    expect(await partitions()).toHaveLength(3);
  });

  it('is dropped after seven days, a day at a time', async () => {
    const before = await partitions();
    const today = Number(before[0]!.split('_').at(-1));
    const dayMs = 24 * 60 * 60 * 1000;
    for (const day of [today - 7, today - 8])
      await harness.pool.query(
        `CREATE TABLE bus_records_day_${day} PARTITION OF bus_records
         FOR VALUES FROM (${day * dayMs}) TO (${(day + 1) * dayMs})`,
      );
    await keepRecordPartitions(harness.pool);
    expect(await partitions()).toEqual([`bus_records_day_${today - 7}`, ...before]);
  });

  it('counts as unapplied until the group has committed it', async () => {
    const topic = await newTopic(bus);
    const question = { url: harness.url, group: 'test-group', topics: [topic] };
    expect(await countUnapplied(question)).toBe(0);
    await bus.publish(topic, numbered('a', 4));
    expect(await countUnapplied(question)).toBe(4);
    const inbox = await consumeInto(bus, { topics: [topic], group: 'test-group' });
    await inbox.holds(4);
    await inbox.consumption.stop();
    expect(await countUnapplied(question)).toBe(0);
  });

  it('is nothing where there has never been an embedded bus', async () => {
    const url = new URL(harness.url);
    url.pathname = '/postgres';
    expect(await countUnapplied({ url: url.href, group: 'g', topics: ['t'] })).toBe(0);
  });

  it('goes to another member when the owner’s lease ends, and the owner’s commits are fenced', async () => {
    const topic = await newTopic(bus, 1);
    const group = topic;
    const stuck = gate();
    const zombie = await consumeInto(bus, { topics: [topic], group, handler: () => stuck.opened });
    await bus.publish(topic, [record('a')]);
    await soon(async () => (await owners(topic)) === 1);
    await harness.pool.query(
      `UPDATE bus_leases SET owner = gen_random_uuid(), epoch = epoch + 1 WHERE topic = $1`,
      [topic],
    );
    const successor = await consumeInto(bus, { topics: [topic], group });
    await successor.holds(1);
    stuck.open();
    await zombie.holds(1);
    await bus.publish(topic, [record('b')]);
    await successor.holds(2);
    expect(successor.values).toEqual(['a', 'b']);
    expect(zombie.values).toEqual(['a']);
  });

  it('goes to another member at once when the owner’s process died', async () => {
    const topic = await newTopic(bus, 1);
    await harness.pool.query(
      `INSERT INTO bus_leases VALUES ($1, $1, gen_random_uuid(), 1, '1@long ago', 'infinity')`,
      [topic],
    );
    await bus.publish(topic, [record('a')]);
    const successor = await consumeInto(bus, { topics: [topic], group: topic });
    await successor.holds(1);
  });

  it('stays with an owner whose session lives, however often others ask', async () => {
    const topic = await newTopic(bus, 1);
    const owner = await consumeInto(bus, { topics: [topic], group: topic });
    await bus.publish(topic, [record('a')]);
    await owner.holds(1);
    const other = await harness.open();
    const standby = await consumeInto(other, { topics: [topic], group: topic });
    for (let n = 2; n <= 20; n++) {
      await other.publish(topic, [record('a')]);
      await owner.holds(n);
    }
    expect(standby.records).toEqual([]);
    await other.close();
  });

  async function owners(topic: string): Promise<number | null> {
    const sql = 'SELECT FROM bus_leases WHERE topic = $1';
    return (await harness.pool.query(sql, [topic])).rowCount;
  }
});
