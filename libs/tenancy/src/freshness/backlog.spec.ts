import { describe, expect, it } from '@jest/globals';
import { ownBacklog, sharedBacklog } from './backlog.js';
import { type TailRecord } from './tail.js';

const at = (offset: number, tenant: string, door: TailRecord['door'] = 'http'): TailRecord => ({
  ...{ offset, tenant, door, timestamp: 1_000 + offset },
});

describe('what is left of a topic that tenants share', () => {
  const records = [at(3, 'a'), at(4, 'b'), at(5, 'a'), at(6, 'a', 'chat'), at(7, 'a')];

  it('is the tenant’s own from its applied offset on, by door, the oldest of each known', () => {
    const unapplied = { tenant: 'a', from: 5, parkedTo: 0 };
    expect(sharedBacklog({ records, next: 8 }, unapplied)).toEqual([
      { door: 'http', records: 2, parked: 0, oldest: 1_005, isAtLeast: false },
      { door: 'chat', records: 1, parked: 0, oldest: 1_006, isAtLeast: false },
    ]);
  });

  it('is parked below the end of what was passed over', () => {
    const unapplied = { tenant: 'a', from: 0, parkedTo: 6 };
    const [http, chat] = sharedBacklog({ records, next: 8 }, unapplied);
    expect(http).toMatchObject({ records: 3, parked: 2 });
    expect(chat).toMatchObject({ records: 1, parked: 0 });
  });
});

describe('what is left of a tenant’s own topic', () => {
  const records = [at(10, 'x'), at(12, 'x')];

  it('is what was read where all was, whatever the offsets between', () => {
    expect(ownBacklog({ records, next: 20 }, 20, 0)).toMatchObject({ records: 2, oldest: 1_010 });
    expect(ownBacklog({ records: [], next: 20 }, 20, 0)).toMatchObject({
      ...{ records: 0, oldest: null },
    });
  });

  it('is counted by offsets from where reading ended, parked or not', () => {
    const backlog = ownBacklog({ records, next: 13 }, 113, 50);
    expect(backlog).toMatchObject({ records: 102, parked: 39, isAtLeast: false });
  });
});
