import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '@parley/platform';
import { eventually } from '@parley/testing';
import {
  countParked,
  installationSettings,
  openBus,
  ParkedRecords,
  type ParkingPlace,
} from '../src/index.js';
import { anInstallation } from './installation.js';

type Installation = Awaited<ReturnType<typeof anInstallation>>;

let installation: Installation;
let parked: ParkedRecords;
let tenants: readonly [string, string];
let partition = 0;

beforeAll(async () => {
  installation = await anInstallation();
  parked = new ParkedRecords(installation.control);
  const { adminUrl, tenants: all } = installation;
  tenants = [(await all.create('a', adminUrl)).id, (await all.create('b', adminUrl)).id];
}, 30_000);
beforeEach(() => void partition++);
afterAll(() => installation.stop());

const place = (tenant = tenants[0]): ParkingPlace => ({
  tenant,
  source: { bus: 'bus', incarnation: 1, group: 'group', topic: 'topic', partition },
});
const range = (from: number, to: number) => ({ from, to, records: 1 });

describe('a parked place', () => {
  it('is found on its own partition, with the tenant alone whose it is', async () => {
    await parked.park(place(), range(5, 8));
    expect(await parked.tenantsOn(place().source)).toEqual([tenants[0]]);
    for (const other of [{ partition: 99 }, { incarnation: 2 }, { group: 'x' }, { bus: 'x' }])
      expect(await parked.tenantsOn({ ...place().source, ...other })).toEqual([]);
    expect(await parked.skip(place(tenants[1]), range(8, 9))).toBe('not-parked');
  });

  it('keeps the lowest beginning and the highest end, and counts a chunk once', async () => {
    await parked.park(place(), range(5, 8));
    await parked.park(place(), range(3, 8));
    expect(await parked.skip(place(), range(8, 12))).toBe('skipped');
    expect(await parked.skip(place(), range(8, 12))).toBe('skipped');
    expect(await parked.skip(place(), range(5, 8))).toBe('skipped');
    const found = (await parked.list('bus')).find((one) => one.source.partition === partition);
    expect(found).toMatchObject({ ...place(), from: 3, to: 12, records: 2 });
    expect(await parked.end(place())).toBe(12);
  });

  it('is released only by who has applied all that was passed over', async () => {
    await parked.park(place(), range(5, 8));
    await parked.skip(place(), range(8, 12));
    expect(await parked.release(place(), 11)).toBe(false);
    expect(await parked.release(place(), 12)).toBe(true);
    expect(await parked.release(place(), 12)).toBe(false);
    expect(await parked.skip(place(), range(12, 13))).toBe('not-parked');
    expect(await parked.end(place())).toBeNull();
  });

  it('lets nobody pass over more while it is held, but what was passed over already, and for no longer', async () => {
    await parked.park(place(), range(5, 8));
    expect(await parked.hold(place(), 300)).toBe(8);
    expect(await parked.skip(place(), range(8, 9))).toBe('held');
    expect(await parked.skip(place(), range(5, 8))).toBe('skipped');
    expect(await parked.end(place())).toBe(8);
    await eventually(async () => expect(await parked.skip(place(), range(8, 9))).toBe('skipped'));
  });

  it('either grows or goes, whoever comes first', async () => {
    for (let round = 0; round < 20; round++) {
      await parked.park(place(), range(5, 8));
      const [outcome, isReleased] = await Promise.all([
        parked.skip(place(), range(8, 9)),
        parked.release(place(), 8),
      ]);
      expect(isReleased).toBe(outcome !== 'skipped');
      await parked.release(place(), 9);
    }
  });

  it('is counted by tenant', async () => {
    const before = await countParked(installation.control, tenants[1]);
    expect(before).toEqual({ partitions: 0, records: 0, since: null });
    await parked.park(place(tenants[1]), { from: 1, to: 9, records: 4 });
    const count = await countParked(installation.control, tenants[1]);
    expect(count).toEqual({ partitions: 1, records: 4, since: expect.any(Date) });
  });
});

describe('the embedded bus', () => {
  it('is not left for Kafka while somebody is parked on it', async () => {
    const settings = installationSettings.parse({
      ...{ DATABASE_URL: installation.adminUrl, KAFKA_BROKERS: '127.0.0.1:1' },
    });
    const logger = createLogger({ service: 'test', level: 'silent' });
    const open = () => openBus(installation.control, settings, { name: 'test', logger });
    const onEmbedded = { ...place(), source: { ...place().source, bus: randomUUID() } };
    await parked.park(onEmbedded, { from: 0, to: 7, records: 7 });
    await expect(open()).rejects.toThrow('still holds 7 records');
    await parked.release(onEmbedded, 7);
    await expect(open()).rejects.toMatchObject({ code: 'bus/unavailable' });
  }, 30_000);
});

describe('work that is to run once', () => {
  it('does not run while it runs elsewhere, and can run again afterwards', async () => {
    const { control } = installation;
    const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
    const { promise: hasBegun, resolve: begin } = Promise.withResolvers<void>();
    const first = control.exclusively('work', () => (begin(), isOver));
    await hasBegun;
    expect(await control.exclusively('work', async () => undefined)).toBe(false);
    expect(await control.exclusively('other work', async () => undefined)).toBe(true);
    end();
    expect(await first).toBe(true);
    expect(await control.exclusively('work', async () => undefined)).toBe(true);
  });
});
