import { setTimeout as delay } from 'node:timers/promises';
import { NEVER } from '../checker/check.js';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { type Services } from '../world/services.js';

const STEP_MS = 1_000;

/** The log has a conversation's messages in the order in which a client sent them, one after the other. */
export const i06: Invariant = {
  id: 'I06',
  promise: 'a conversation keeps its order while ingestion scales from 1 to 3, to 1 and to 2',
  prove: async (stage) => {
    const tenant = await stage.tenant();
    const services = await stage.services({ gateways: 2, ingestions: 1 });
    const load = await stage.load(services, tenant, { asyncShare: 0.7, conversations: 30 });
    let exits = 0;
    await stage.legs(1, async () => {
      exits += await scale(services);
    });
    const checked = await stage.settle(load, tenant);
    const figures = { ...checked, uncleanExits: exits };
    const zero = [...NEVER, 'refused', 'uncleanExits'];
    return {
      figures,
      broken: [...allZero(figures, ...zero), ...atLeast(figures, { pairs: 200 })],
    };
  },
};

/** 1, 3, 1, 2 and 1 again; answers how many of those that were stopped did not exit with 0. */
async function scale(services: Services): Promise<number> {
  await Promise.all([services.addIngestion(), services.addIngestion()]);
  await delay(STEP_MS);
  const codes = [await services.removeIngestion(), await services.removeIngestion()];
  await delay(STEP_MS);
  await services.addIngestion();
  await delay(STEP_MS);
  codes.push(await services.removeIngestion());
  return codes.filter((code) => code !== 0).length;
}
