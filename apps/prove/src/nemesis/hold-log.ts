import { setTimeout as delay } from 'node:timers/promises';
import { type World } from '../world/world.js';

/** Nothing can be written to a tenant's log for `ms` milliseconds: what is accepted meanwhile piles up. */
export async function holdLog(
  { postgres }: World,
  tenant: string,
  ms: number,
  meanwhile: () => Promise<unknown> = async () => undefined,
): Promise<void> {
  await postgres.session(tenant, async (client) => {
    await client.query('SELECT pg_advisory_lock(7061, 2)');
    await delay(ms);
    await meanwhile();
  });
}
