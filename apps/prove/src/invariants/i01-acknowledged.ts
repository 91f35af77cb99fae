import { NEVER } from '../checker/check.js';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { Killer } from '../nemesis/killer.js';

/** kill -9 of any service process at any moment loses nothing that was answered with 2xx. */
export const i01: Invariant = {
  id: 'I01',
  promise: 'what was accepted is in the log after kill -9 of any service process',
  prove: async (stage) => {
    const tenant = await stage.tenant();
    const services = await stage.services({ gateways: 2, ingestions: 2 });
    const load = await stage.load(services, tenant);
    const killer = new Killer(stage.world, services, tenant);
    await stage.legs(4, (random) => killer.killNext(random));
    const checked = await stage.settle(load, tenant);
    const { gateway, ingestion } = killer.kills;
    const figures = { ...checked, kill9_gateway: gateway, kill9_ingestion: ingestion };
    const least = { acked: 100, kill9_gateway: 2, kill9_ingestion: 2 };
    return { figures, broken: [...allZero(figures, ...NEVER), ...atLeast(figures, least)] };
  },
};
