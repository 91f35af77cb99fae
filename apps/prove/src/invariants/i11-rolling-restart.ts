import { setTimeout as delay } from 'node:timers/promises';
import { NEVER } from '../checker/check.js';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { type ServiceProcess } from '../world/service-process.js';
import { type Services } from '../world/services.js';

const STOPPED_WITHIN_MS = 25_000;

interface Restart {
  readonly code: number | null;
  readonly ms: number;
}

/** A new release, service by service, under load: nobody notices but by a 503 that says when to come again. */
export const i11: Invariant = {
  id: 'I11',
  promise:
    'a rolling restart breaks no connection, fails no request but by 503, and every exit is 0 within 25 s',
  prove: async (stage) => {
    const tenant = await stage.tenant();
    const services = await stage.services({ gateways: 2, ingestions: 2 });
    const away = new Set<ServiceProcess>();
    const balanced = { urls: [] as string[] };
    const balance = () => (balanced.urls = urlsWithout(services, away));
    balance();
    const load = await stage.load(balanced, tenant, { perSecond: 50 });
    const restarts: Restart[] = [];
    for (const service of services.all) {
      await delay(500);
      // As a balancer does: no new request goes to what is about to stop.
      away.add(service);
      balance();
      restarts.push(await restart(service));
      away.delete(service);
      balance();
    }
    const checked = await stage.settle(load, tenant);
    const statuses = load.attempts.map(({ status }) => status);
    const figures = {
      ...checked,
      restarts: restarts.length,
      resets: statuses.filter((status) => status === null).length,
      said503: statuses.filter((status) => status === 503).length,
      failed: statuses.filter((status) => status !== null && status >= 400 && status !== 503)
        .length,
      bare503: load.attempts.filter(({ isPolite }) => !isPolite).length,
      uncleanExits: restarts.filter(({ code }) => code !== 0).length,
      max_stop_ms: Math.round(Math.max(...restarts.map(({ ms }) => ms))),
    };
    const zero = allZero(figures, ...NEVER, 'resets', 'failed', 'bare503', 'uncleanExits');
    const isSlow = figures.max_stop_ms > STOPPED_WITHIN_MS ? ['max_stop_ms'] : [];
    return { figures, broken: [...zero, ...atLeast(figures, { acked: 100 }), ...isSlow] };
  },
};

function urlsWithout({ gateways }: Services, away: ReadonlySet<ServiceProcess>): string[] {
  return gateways.filter((gateway) => !away.has(gateway)).map(({ url }) => url);
}

async function restart(service: ServiceProcess): Promise<Restart> {
  const start = performance.now();
  const code = await service.end('SIGTERM');
  const ms = performance.now() - start;
  await service.start();
  return { code, ms };
}
