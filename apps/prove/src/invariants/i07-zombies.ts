import { setTimeout as delay } from 'node:timers/promises';
import { NEVER } from '../checker/check.js';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { STOP_POINTS, StopPoints, type StopPoint } from '../nemesis/stop-points.js';
import { type Load } from '../load/load.js';
import { type Stage } from '../stage.js';
import { type Services } from '../world/services.js';
import { type ProvenTenant } from '../world/world.js';

interface Zombie {
  readonly takeoverMs: number;
  /** Events that it wrote after it woke up. */
  readonly written: number;
}

/** A paused process that wakes up after its partitions moved can write nothing any more. */
export const i07: Invariant = {
  id: 'I07',
  promise:
    'a consumer stopped for longer than its session writes nothing after its partition moved',
  prove: async (stage) => {
    const tenant = await stage.tenant();
    const stops = await StopPoints.open(stage);
    const services = await stage.services({
      ingestions: 2,
      preloads: [stops.preload],
      env: stops.env,
    });
    const load = await stage.load(services, tenant, {
      ...{ perSecond: 40, conversations: 12, isRevising: true },
    });
    await load.acknowledged(30);
    const zombies: Zombie[] = [];
    for (const point of STOP_POINTS) {
      zombies.push(await stopAndWake({ stage, services, stops, load, tenant }, point));
    }
    const checked = await stage.settle(load, tenant);
    const figures = {
      ...checked,
      zombies: zombies.length,
      zombie: zombies.reduce((sum, { written }) => sum + written, 0),
      takeover_s: Math.round(Math.max(...zombies.map(({ takeoverMs }) => takeoverMs)) / 100) / 10,
    };
    const zero = allZero(figures, ...NEVER, 'zombie');
    return { figures, broken: [...zero, ...atLeast(figures, { acked: 100 })] };
  },
};

interface Scene {
  readonly stage: Stage;
  readonly services: Services;
  readonly stops: StopPoints;
  readonly load: Load;
  readonly tenant: ProvenTenant;
}

/** Longer than a receipt lives: what a zombie sends must not be told by its command's id alone. */
async function forgetReceipts({ stage, tenant }: Scene): Promise<void> {
  await stage.world.postgres.query(tenant.id, 'DELETE FROM receipts');
}

async function stopAndWake(scene: Scene, point: StopPoint): Promise<Zombie> {
  const { services, stops, load } = scene;
  const service = await stops.stopOne(services, point);
  const start = performance.now();
  await load.insist(`while stopped ${point}`);
  const takeoverMs = performance.now() - start;
  // The load goes on, so that what the zombie holds has long been followed by other things.
  await delay(500);
  await forgetReceipts(scene);
  const { written } = await stops.goOn(service, point);
  await load.insist(`after ${point}`);
  return { takeoverMs, written: written ?? 0 };
}
