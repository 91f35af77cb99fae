import { NEVER } from '../checker/check.js';
import { allZero, atLeast, type Invariant } from '../invariant.js';
import { startFaultProxy } from '@parley/testing/faults';

const LOST_SHARE = 0.2;

/** A client that heard nothing sends the same again, and it is there once. */
export const i04: Invariant = {
  id: 'I04',
  promise: 'a request whose answer got lost, sent again with the same ids, has one effect',
  prove: async (stage) => {
    const tenant = await stage.tenant();
    const services = await stage.services({ gateways: 1, ingestions: 1 });
    const proxy = await startFaultProxy({ target: services.urls[0]! });
    stage.closeLater(() => proxy.close());
    const { next: random } = stage.random;
    proxy.setMode({ kind: 'lose-answers', share: LOST_SHARE, random });
    const urls = [`http://${proxy.address}`];
    const load = await stage.load({ urls }, tenant, { tries: 6, asyncShare: 0.2 });
    await stage.legs(1, () => load.acknowledged(100));
    const checked = await stage.settle(load, tenant);
    const figures = { ...checked, unanswered: checked.info };
    return {
      figures,
      broken: [
        ...allZero(figures, ...NEVER, 'refused'),
        ...atLeast(figures, { acked: 200, unanswered: 30 }),
      ],
    };
  },
};
