import { join } from 'node:path';
import { allZero, type Invariant } from '../invariant.js';
import { type Stage } from '../stage.js';

const PRELOADS = join(import.meta.dirname, '..', 'nemesis');
const REJECTED_WITHIN_MS = 1_000;
const DEAD_WITHIN_MS = 25_000;

/** No process looks alive that does not work: it ends, with a code that says so. */
export const i26: Invariant = {
  id: 'I26',
  promise:
    'a rejection that nobody handles ends a service within 1 s, a dead consumer within 25 s, not with 0',
  prove: async (stage) => {
    const rejected = await endings(stage, 'rejects', 'all');
    const dead = await endings(stage, 'consumer-dies', 'ingestions');
    const figures = {
      rejections: rejected.length,
      rejected_max_ms: Math.max(...rejected.map(({ ms }) => ms)),
      // How long the same processes took for the least that they can do: a busy machine is not their fault.
      live_max_ms: Math.max(...rejected.map(({ liveMs }) => liveMs)),
      dead_consumers: dead.length,
      dead_max_ms: Math.max(...dead.map(({ ms }) => ms)),
      alive: [...rejected, ...dead].filter(({ code }) => code === null || code === 0).length,
    };
    return {
      figures,
      broken: [
        ...allZero(figures, 'alive'),
        ...(figures.rejected_max_ms - figures.live_max_ms > REJECTED_WITHIN_MS
          ? ['rejected_max_ms']
          : []),
        ...(figures.dead_max_ms > DEAD_WITHIN_MS ? ['dead_max_ms'] : []),
      ],
    };
  },
};

/** Sends each of the services the signal on which it breaks, and waits for its end. */
async function endings(stage: Stage, fault: string, which: 'all' | 'ingestions') {
  const tenant = await stage.tenant();
  const preloads = [join(PRELOADS, `${fault}.preload.js`)];
  const services = await stage.services({ gateways: 1, ingestions: 1, preloads });
  const load = await stage.load(services, tenant, { perSecond: 30 });
  await load.acknowledged(10);
  const found: { code: number | null; ms: number; liveMs: number }[] = [];
  for (const service of services[which]) {
    const asked = performance.now();
    await fetch(`${service.url}/health/live`);
    const start = performance.now();
    service.signal('SIGUSR2');
    await stage.until('the end', () => !service.isRunning, DEAD_WITHIN_MS).catch(() => undefined);
    found.push({ code: service.exitCode, ms: sinceMs(start), liveMs: Math.round(start - asked) });
  }
  await load.close();
  await services.stop();
  return found;
}

function sinceMs(start: number): number {
  return Math.round(performance.now() - start);
}
