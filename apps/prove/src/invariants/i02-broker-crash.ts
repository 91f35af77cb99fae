import { setTimeout as delay } from 'node:timers/promises';
import { NEVER } from '../checker/check.js';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { recovered } from '../nemesis/recovery.js';

const BLACK_HOLE_MS = 7_000;
const RECOVERED_WITHIN_S = 30;

/** A broker that dies, or that nobody can reach, costs time and nothing else. */
export const i02: Invariant = {
  id: 'I02',
  promise: 'nothing accepted is lost when the broker is killed or can’t be reached; until then 503',
  bus: 'apache-kafka',
  prove: async (stage) => {
    const { kafka } = stage.world;
    if (!kafka) throw new Error('this is about Kafka');
    const tenant = await stage.tenant();
    const services = await stage.services({ gateways: 2, ingestions: 2 });
    services.supervise();
    const load = await stage.load(services, tenant, { perSecond: 40 });
    const recoveries: number[] = [];
    let kills = 0;
    await stage.legs(1, async () => {
      await load.acknowledged(20);
      if (recoveries.length % 3 === 1) {
        kafka.faults.setMode({ kind: 'black-hole' });
        await delay(BLACK_HOLE_MS);
        kafka.faults.setMode({ kind: 'pass' });
      } else {
        kills += 1;
        await kafka.crash();
      }
      recoveries.push(await recovered(load));
    });
    const checked = await stage.settle(load, tenant);
    const answers = load.attempts.filter(({ status }) => status === 503);
    const figures = {
      ...checked,
      kill9: kills,
      said503: answers.length,
      bare503: answers.filter(({ isPolite }) => !isPolite).length,
      max_ms: Math.round(
        Math.max(...load.attempts.map(({ startedMs, endedMs }) => endedMs - startedMs)),
      ),
      recovery_s: Math.ceil(Math.max(...recoveries) / 1000),
      restarts: services.restarts,
    };
    const isSlow = figures.recovery_s > RECOVERED_WITHIN_S ? ['recovery_s'] : [];
    const zero = allZero(figures, ...NEVER, 'bare503', 'refused');
    return { figures, broken: [...zero, ...atLeast(figures, { acked: 100 }), ...isSlow] };
  },
};
