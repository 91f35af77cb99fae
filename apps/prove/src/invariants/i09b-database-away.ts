import { setTimeout as delay } from 'node:timers/promises';
import { countParked } from '@parley/tenancy';
import { NEVER } from '../checker/check.js';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { busSender } from '../load/bus-sender.js';
import { delayAfter, MAX_DELAY_MS } from '../load/percentile.js';

const AWAY_MS = 4_000;
const BACK_MS = 4_000;

/** A tenant whose database nobody can reach waits, in order; the others do not notice. */
export const i09b: Invariant = {
  id: 'I09b',
  promise:
    'records of a tenant whose database is away are applied in order when it is back; it adds less than 1 s to others’ p99',
  prove: async (stage) => {
    const { world } = stage;
    const [here, away] = [await stage.tenant(), await stage.tenant({ isAside: true })];
    const services = await stage.services({ gateways: 1, ingestions: 2 });
    const load = await stage.load(services, here, { perSecond: 40, asyncShare: 0 });
    const waiting = await stage.load(services, away, {
      ...{ perSecond: 60, conversations: 10, prefix: 'away' },
      sendDirectly: busSender(world, away),
    });
    const isBegun = () => waiting.attempts.filter(({ outcome }) => outcome === 'ok').length > 20;
    await Promise.all([load.acknowledged(40), stage.until('a beginning', isBegun)]);
    const since = performance.now();
    world.postgres.aside.setMode({ kind: 'black-hole' });
    await delay(AWAY_MS);
    // Whoever takes its partitions over must learn of what was passed over.
    const exit = await services.ingestions[0]!.end('SIGTERM');
    await services.ingestions[0]!.start();
    await delay(AWAY_MS);
    const { records } = await countParked(world.installation.control, away.id);
    const others99 = delayAfter(load.attempts, since);
    world.postgres.aside.setMode({ kind: 'pass' });
    // New records meet those that were passed over: they must not overtake them.
    await delay(BACK_MS);
    const checked = await stage.settle(waiting, away);
    const others = await stage.settle(load, here);
    const left = await countParked(world.installation.control, away.id);
    const figures = {
      ...{ ...checked, parked: records, still_parked: left.records },
      others_lost: others.lost,
      exit: exit ?? -1,
      ...others99,
    };
    return {
      figures,
      broken: [
        ...allZero(figures, ...NEVER, 'still_parked', 'others_lost', 'exit'),
        ...atLeast(figures, { parked: 10, acked: 50 }),
        ...(figures.delay_ms > MAX_DELAY_MS ? ['delay_ms'] : []),
      ],
    };
  },
};
