import { join } from 'node:path';
import { NEVER } from '../checker/check.js';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { CLOCK_SKEW } from '../nemesis/config.js';
import { Killer } from '../nemesis/killer.js';

const DAY_MS = 24 * 3600 * 1000;
const SKEWING = join(import.meta.dirname, '..', 'nemesis', 'clock-skew.preload.js');

/** Wrong clocks of processes change nothing: time is the database's. */
export const i20: Invariant = {
  id: 'I20',
  promise:
    'with one ingestion a day ahead and one a day behind nothing is lost, reordered or dated wrong',
  prove: async (stage) => {
    const tenant = await stage.tenant();
    const services = await stage.services({ gateways: 1, ingestions: 0, preloads: [SKEWING] });
    await services.addIngestion({ [CLOCK_SKEW]: String(DAY_MS) });
    await services.addIngestion({ [CLOCK_SKEW]: String(-DAY_MS) });
    const load = await stage.load(services, tenant, { isRevising: true, conversations: 15 });
    const killer = new Killer(stage.world, services, tenant);
    await stage.legs(1, async (random) => {
      await load.acknowledged(30);
      await killer.killIngestion(random);
    });
    const checked = await stage.settle(load, tenant);
    const { rows } = await tenant.pool.query<{ misdated: number }>(
      `SELECT count(*)::int AS misdated FROM conversation_events
        WHERE abs(extract(epoch FROM recorded_at - now())) > 3600`,
    );
    const figures = { ...checked, misdated: rows[0]?.misdated ?? 0, skew_h: '+24,-24' };
    const zero = allZero(figures, ...NEVER, 'misdated');
    return { figures, broken: [...zero, ...atLeast(figures, { acked: 100 })] };
  },
};
