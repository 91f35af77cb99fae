import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  BULK_TOPIC,
  type CommandEnvelope,
  COMMANDS_TOPIC,
  encodeRedrive,
  s3Version,
} from '@parley/contracts';
import { type BusRecord } from '@parley/messaging';
import { Freshness, type TenantFreshness } from '@parley/tenancy';
import { Replica } from './support/replica.js';
import { aConversation } from './support/samples.js';
import {
  FLAKY,
  install,
  published,
  TenantUnderTest,
  type TestInstallation,
} from './support/tenant-under-test.js';

let installation: TestInstallation;
let tenant: TenantUnderTest;
let other: TenantUnderTest;

beforeAll(async () => {
  installation = await install();
});
beforeEach(async () => {
  tenant = await TenantUnderTest.create(installation, FLAKY);
  other = await TenantUnderTest.create(installation);
});
afterEach(() => installation.proxy.setMode({ kind: 'pass' }));
afterAll(() => installation.close());

/** Measured anew, whatever was known. */
function measure({ id }: TenantUnderTest): Promise<TenantFreshness> {
  const { bus, control, databases } = installation;
  return new Freshness({ bus, control, pool: (of) => databases.pool(of, 'app') }).of(id);
}

const doorOf = ({ doors }: TenantFreshness, name: string) =>
  doors.find(({ door }) => door === name)!;
const lagsOf = ({ doors }: TenantFreshness) =>
  doors.flatMap(({ door, lag }) => (lag.records > 0 ? [[door, lag.records]] : []));

/** A conversation's record; all of the same id go to one partition. */
const aRecord = (of: TenantUnderTest, id = 'c', envelope: Partial<CommandEnvelope> = {}) =>
  published(of.record(aConversation(id), envelope));

/** The partition that this tenant's `c` goes to, and its end. */
async function placeOf(of: TenantUnderTest) {
  const before = await installation.bus.ends(COMMANDS_TOPIC);
  await installation.bus.publish(COMMANDS_TOPIC, [aRecord(of)]);
  const after = await installation.bus.ends(COMMANDS_TOPIC);
  const at = after.findIndex(({ highWater }, n) => highWater > before[n]!.highWater);
  return { partition: at, first: after[at]!.highWater - 1 };
}

describe('the freshness of a tenant', () => {
  it('counts its own records, by the door that they came in by, and nobody else’s', async () => {
    const { bus } = installation;
    const version = s3Version(1, 'bucket', 'key', 0);
    const redrive = encodeRedrive({ tenant: tenant.id, dead_letter_id: crypto.randomUUID() });
    await bus.publish(COMMANDS_TOPIC, [
      ...['a', 'b', 'c'].map((id) => aRecord(tenant, id)),
      ...['a', 'b'].map((id) => aRecord(other, id)),
      aRecord(tenant, 'd', { door: 'chat' }),
      redrive,
    ]);
    await bus.publish(BULK_TOPIC, [
      aRecord(tenant, 'e', { door: 's3', version }),
      aRecord(tenant, 'f', { door: 'upload' }),
    ]);
    expect(lagsOf(await measure(tenant))).toEqual([
      ['http', 3],
      ['s3', 1],
      ['upload', 1],
      ['chat', 1],
    ]);
    expect(lagsOf(await measure(other))).toEqual([['http', 2]]);
  });

  it('counts what is not applied, whatever the group has committed', async () => {
    const { partition, first } = await placeOf(tenant);
    await installation.bus.publish(COMMANDS_TOPIC, [aRecord(tenant), aRecord(tenant)]);
    expect(lagsOf(await measure(tenant))).toEqual([['http', 3]]);
    const replica = await Replica.start(installation, COMMANDS_TOPIC, undefined, partition);
    await replica.take(first, first + 2);
    const fresh = await measure(tenant);
    expect(lagsOf(fresh)).toEqual([['http', 1]]);
    expect(fresh.partitions).toContainEqual({
      ...{ topic: COMMANDS_TOPIC, partition, applied: first + 2, end: first + 3 },
    });
    expect(fresh.log).toMatchObject({ head: 1, unpublished: 1 });
  });

  it('says that it is parked while its database is away, how much, and since when', async () => {
    const { partition, first } = await placeOf(tenant);
    await installation.bus.publish(COMMANDS_TOPIC, [aRecord(tenant), aRecord(tenant)]);
    const replica = await Replica.start(installation, COMMANDS_TOPIC, undefined, partition);
    await replica.take(first, first + 1);
    installation.proxy.setMode({ kind: 'black-hole' });
    await replica.take(first + 1, first + 3);
    await installation.bus.publish(COMMANDS_TOPIC, [aRecord(tenant)]);

    const away = await measure(tenant);
    expect(away).toMatchObject({ database: 'away', log: null, parked: { partitions: 1 } });
    expect(Date.parse(away.parked.since!)).toBeLessThanOrEqual(Date.now());
    expect(doorOf(away, 'http')).toMatchObject({ parked: 3, waiting: null, dead_letters: null });

    installation.proxy.setMode({ kind: 'pass' });
    expect(doorOf(await measure(tenant), 'http')).toMatchObject({ lag: { records: 3 }, parked: 2 });
    await replica.drain();
    const back = await measure(tenant);
    expect(back).toMatchObject({ database: 'up', parked: { partitions: 0, since: null } });
    expect(lagsOf(back)).toEqual([]);
  });

  it('says that there may be more where a queue is too long to be looked at whole', async () => {
    await installation.bus.publish(COMMANDS_TOPIC, [aRecord(tenant)]);
    const one = aRecord(other);
    for (let sent = 0; sent < 12_000; sent += 500)
      await installation.bus.publish(COMMANDS_TOPIC, Array<BusRecord>(500).fill(one));
    const long = await measure(other);
    expect(doorOf(long, 'http').lag.at_least).toBe(true);
    expect(doorOf(long, 'http').lag.records).toBeGreaterThan(9_000);
    expect(doorOf(long, 's3').lag.at_least).toBe(false);
    const short = await measure(tenant);
    expect(doorOf(short, 'http').lag).toMatchObject({ records: 1, at_least: true });
  }, 60_000);
});
