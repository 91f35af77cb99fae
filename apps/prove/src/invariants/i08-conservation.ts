import { allZero, atLeast, type Invariant } from '../invariant.js';
import { Killer } from '../nemesis/killer.js';
import { countOutcomes, openPartner, producePartnerRecords } from '../load/partner.js';

const RECORDS = 3_000;

/** No record of a partner's topic disappears: each has a receipt or is a dead letter, and the bad ones are dead letters. */
export const i08: Invariant = {
  id: 'I08',
  promise:
    'of records with 5 % bad ones each is applied, identical, superseded, waiting or a dead letter',
  prove: async (stage) => {
    const tenant = await stage.tenant();
    const topic = await openPartner(stage.world, tenant);
    const services = await stage.services({ gateways: 1, ingestions: 2 });
    const killer = new Killer(stage.world, services, tenant);
    const producing = producePartnerRecords(stage.world, topic, RECORDS);
    await stage.legs(1, (random) => killer.killIngestion(random));
    const produced = await producing;
    const total = async () => (await countOutcomes(tenant)).total;
    await stage.until('an outcome of every record', async () => (await total()) >= RECORDS);
    const { total: found, ...outcomes } = await countOutcomes(tenant);
    const figures = {
      produced: RECORDS,
      ...outcomes,
      difference: RECORDS - found,
      miscounted: Math.abs(outcomes.dead - produced.bad),
      kill9_ingestion: killer.kills.ingestion,
    };
    const zero = allZero(figures, 'difference', 'miscounted', 'rejected');
    return {
      figures,
      broken: [...zero, ...atLeast(figures, { dead: 100, waiting: 1, identical: 100 })],
    };
  },
};
