import { allZero, atLeast, type Invariant } from '../invariant.js';
import { countOutcomes, openPartner } from '../load/partner.js';
import { delayAfter, MAX_DELAY_MS } from '../load/percentile.js';
import { poisons, publishPoisons } from '../load/poisons.js';

const MAX_RSS_MB = 500;

/** A record that nobody can apply delays no other, stops no consumer and fills no memory. */
export const i09: Invariant = {
  id: 'I09',
  promise:
    'poison becomes dead letters; it adds less than 1 s to others’ p99, the consumer runs on, memory stays bounded',
  prove: async (stage) => {
    const [tenant, partner] = [await stage.tenant(), await stage.tenant()];
    const topic = await openPartner(stage.world, partner);
    const services = await stage.services({ gateways: 1, ingestions: 1 });
    services.supervise();
    const load = await stage.load(services, tenant, { asyncShare: 0 });
    await load.acknowledged(100);
    const since = performance.now();
    let rss = 0;
    for (const poison of poisons(stage.isKafka)) {
      await publishPoisons(stage.world, topic, poison);
      await load.acknowledged(15);
      rss = Math.max(rss, await services.ingestions[0]!.memoryMb());
    }
    const expected = poisons(stage.isKafka).length;
    const dead = async () => (await countOutcomes(partner)).dead;
    await stage.until('the dead letters', async () => (await dead()) >= expected, 30_000);
    const checked = await stage.settle(load, tenant);
    const figures = {
      poisons: expected,
      dlq: await dead(),
      healthy: checked.acked,
      ...delayAfter(load.attempts, since),
      lost: checked.lost,
      restarts: services.restarts,
      rss_mb: rss,
    };
    return {
      figures,
      broken: [
        ...allZero(figures, 'lost', 'restarts'),
        ...atLeast(figures, { healthy: 50, dlq: expected, rss_mb: 1 }),
        ...(figures.delay_ms > MAX_DELAY_MS ? ['delay_ms'] : []),
        ...(rss > MAX_RSS_MB ? ['rss_mb'] : []),
      ],
    };
  },
};
