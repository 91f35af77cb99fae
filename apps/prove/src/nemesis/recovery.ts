import { type Load } from '../load/load.js';

/** Some requests that begin after a fault and are accepted: the services are back. */
const SIGNS_OF_LIFE = 10;

/** Milliseconds until requests that begin now are accepted again. */
export async function recovered(load: Load): Promise<number> {
  const start = performance.now();
  await load.acknowledged(SIGNS_OF_LIFE, start);
  return Math.round(performance.now() - start);
}
