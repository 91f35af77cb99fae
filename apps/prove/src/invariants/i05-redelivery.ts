import { readRecorded } from '../checker/recorded.js';
import { NEVER } from '../checker/check.js';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { ApiClient, requestOf } from '../load/client.js';
import { redeliver } from '../nemesis/redeliver.js';
import { RedrivenLetter } from '../nemesis/redrive.js';
import { type Services } from '../world/services.js';
import { type ProvenTenant } from '../world/world.js';

const TIMES = 2;
const SOCKETS = 20;

/** Whatever comes again, however often, from the bus or from clients, adds nothing. */
export const i05: Invariant = {
  id: 'I05',
  promise:
    'no redelivery from the beginning, request from 20 sockets or redriven letter adds a row twice',
  prove: async (stage) => {
    const tenant = await stage.tenant();
    const letter = await RedrivenLetter.open(stage);
    const services = await stage.services({ gateways: 1, ingestions: 1 });
    await letter.redrive(services);
    const load = await stage.load(services, tenant, { isRevising: true, conversations: 12 });
    await load.acknowledged(150);
    await load.pause();
    await load.insist('before');
    for (let time = 1; time <= TIMES; time += 1) {
      // As if they were older than receipts live: the offsets alone must tell what is old.
      await stage.world.postgres.query(tenant.id, 'DELETE FROM receipts');
      await redeliver(stage.world, services);
      await load.insist(`after ${time}`);
    }
    const checked = await stage.settle(load, tenant);
    const repeated = await sendAtOnce(services, tenant);
    const redrives = await letter.count();
    const figures = { ...checked, redelivered: TIMES, sockets: SOCKETS, repeated, ...redrives };
    const zero = allZero(figures, ...NEVER, 'repeated', 'redrive_extra', 'letters');
    return { figures, broken: [...zero, ...atLeast(figures, { acked: 150, redriven: 3 })] };
  },
};

/** The same message from many sockets at once; answers how often too often it is in the log. */
async function sendAtOnce({ urls }: Services, tenant: ProvenTenant): Promise<number> {
  const client = new ApiClient(tenant.key);
  const conversation = 'at-once';
  const opening = requestOf({ conversation, message: null, content: '' });
  const message = requestOf({ conversation, message: 'm', content: 'the same' });
  for (const { path, body } of [opening, message]) {
    const sends = Array.from({ length: SOCKETS }, () => client.post(urls[0]!, path, body));
    await Promise.all(sends);
  }
  const recorded = await readRecorded(tenant.pool);
  return recorded.filter((one) => one.conversation === conversation).length - 2;
}
