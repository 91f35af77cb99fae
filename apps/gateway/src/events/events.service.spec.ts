import { describe, expect, it } from '@jest/globals';
import { type Principal } from '@parley/tenancy';
import { type HeadWatch } from '../reading/head-watch.js';
import { type EventQueries } from './events.queries.js';
import { EventsService } from './events.service.js';

const CALLER = { tenantId: 't_1' } as Principal;
const REQUEST = { after: 0, limit: 10, wait: 1 };

/** Of a log that is restored while its reader waits. */
function restoredMeanwhile(): EventsService {
  let epoch = 1;
  const queries = {
    epoch: async () => Promise.resolve(epoch),
    listEvents: async () => Promise.resolve({ events: [], head: 0 }),
    listIdentities: async () => Promise.resolve(new Map()),
  } as unknown as EventQueries;
  const reach = async () => Promise.resolve((epoch += 1));
  return new EventsService(queries, { reach } as unknown as HeadWatch);
}

describe('the log for those who pull', () => {
  it('is told by the epoch that it has once the wait is over', async () => {
    const answer = await restoredMeanwhile().listEvents(CALLER, { ...REQUEST, epoch: null });

    expect(answer).toMatchObject({ log_epoch: 2 });
  });

  it('is refused where it was restored during the wait', async () => {
    const answer = restoredMeanwhile().listEvents(CALLER, { ...REQUEST, epoch: 1 });

    await expect(answer).rejects.toMatchObject({
      status: 409,
      body: { code: 'log_epoch_changed' },
    });
  });
});
