import { setTimeout as delay } from 'node:timers/promises';
import { NEVER } from '../checker/check.js';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { recovered } from '../nemesis/recovery.js';

/** What was accepted outlives kill -9 of the postmaster and of all backends, at any moment. */
export const i03: Invariant = {
  id: 'I03',
  promise: 'what was accepted is in the log after kill -9 of PostgreSQL with all its processes',
  prove: async (stage) => {
    const tenant = await stage.tenant();
    const services = await stage.services({ gateways: 1, ingestions: 1 });
    services.supervise();
    const load = await stage.load(services, tenant);
    const recoveries: number[] = [];
    await stage.legs(1, async (random) => {
      await load.acknowledged(20);
      await delay(random.between(200, 900));
      await stage.world.postgres.crash();
      recoveries.push(await recovered(load));
    });
    const checked = await stage.settle(load, tenant);
    const figures = {
      ...checked,
      kill9_postmaster: recoveries.length,
      recovery_s: Math.ceil(Math.max(...recoveries) / 1000),
      restarts: services.restarts,
    };
    const zero = allZero(figures, ...NEVER);
    return { figures, broken: [...zero, ...atLeast(figures, { acked: 50, kill9_postmaster: 1 })] };
  },
};
