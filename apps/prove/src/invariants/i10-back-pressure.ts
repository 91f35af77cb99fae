import { setTimeout as delay } from 'node:timers/promises';
import { NEVER } from '../checker/check.js';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { type Services } from '../world/services.js';

const HEAP_MB = 192;
const MAX_RSS_MB = 450;
const LATENCY_MS = 200;
const STEPS = 24;

/** A slow database makes the services slow and polite, not large or forgetful. */
export const i10: Invariant = {
  id: 'I10',
  promise:
    'with PostgreSQL 200 ms away nothing is lost, memory stays bounded, and clients are told to wait',
  prove: async (stage) => {
    const tenant = await stage.tenant();
    const flags = [`--max-old-space-size=${HEAP_MB}`];
    const services = await stage.services({ gateways: 1, ingestions: 2, flags });
    services.supervise();
    const load = await stage.load(services, tenant, { perSecond: 150, conversations: 100 });
    await load.acknowledged(50);
    stage.world.postgres.faults.setMode({ kind: 'latency', ms: LATENCY_MS, jitterMs: 20 });
    let rss = 0;
    await stage.legs(STEPS / 3, async () => {
      await delay(500);
      rss = Math.max(rss, await largest(services));
    });
    stage.world.postgres.faults.setMode({ kind: 'pass' });
    await load.pause();
    const start = performance.now();
    const checked = await stage.settle(load, tenant);
    const unanswered = load.attempts.filter(({ status }) => status === null).length;
    const figures = {
      ...checked,
      shed: load.attempts.filter(({ status }) => status === 503 || status === 429).length,
      bare503: load.attempts.filter(({ isPolite }) => !isPolite).length,
      unanswered,
      rss_mb: rss,
      back_s: Math.round((performance.now() - start) / 1000),
      restarts: services.restarts,
    };
    const zero = allZero(figures, ...NEVER, 'bare503', 'unanswered', 'restarts');
    const isLarge = rss > MAX_RSS_MB ? ['rss_mb'] : [];
    return {
      figures,
      broken: [...zero, ...atLeast(figures, { acked: 100, rss_mb: 1 }), ...isLarge],
    };
  },
};

async function largest({ all }: Services): Promise<number> {
  return Math.max(...(await Promise.all(all.map((service) => service.memoryMb()))));
}
