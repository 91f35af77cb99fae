import { join } from 'node:path';
import { type PlantedBug } from '../invariant.js';
import { d62 } from '../invariants/d62-redaction.js';
import { i01 } from '../invariants/i01-acknowledged.js';
import { i03 } from '../invariants/i03-postgres-crash.js';
import { i04 } from '../invariants/i04-retries.js';
import { i05 } from '../invariants/i05-redelivery.js';
import { i06 } from '../invariants/i06-order.js';
import { i07 } from '../invariants/i07-zombies.js';
import { i09b } from '../invariants/i09b-database-away.js';
import { i12 } from '../invariants/i12-read-your-writes.js';
import { i15 } from '../invariants/i15-rebuild.js';
import { i17 } from '../invariants/i17-isolation.js';

const preload = (name: string) => join(import.meta.dirname, `${name}.plant.js`);

/** What the proofs must notice. */
export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'the bus is answered before the write',
    by: i01,
    shows: ['lost'],
    preloads: [preload('answer-before-write')],
  },
  {
    name: 'offsets are committed when read',
    by: i01,
    shows: ['lost'],
    bus: 'apache-kafka',
    preloads: [preload('commit-when-read')],
  },
  {
    name: 'the gateway says yes before the bus does',
    by: i01,
    shows: ['lost'],
    preloads: [preload('accept-before-publish')],
  },
  {
    name: 'commits do not wait for the disk',
    by: i03,
    shows: ['lost'],
    settings: { synchronous_commit: 'off', wal_writer_delay: "'10s'" },
  },
  {
    name: 'what is there is looked up in a memory that forgets',
    by: i04,
    shows: ['dup'],
    preloads: [preload('forgets-rows')],
  },
  {
    name: 'a redelivery counts as new',
    by: i05,
    shows: ['dup'],
    preloads: [preload('no-fence')],
  },
  {
    name: 'a redriven letter counts as new',
    by: i05,
    shows: ['redrive_extra'],
    preloads: [preload('redrives-anew'), preload('forgets-rows')],
  },
  {
    name: 'a conversation goes to any partition',
    by: i06,
    shows: ['ooo', 'refused'],
    preloads: [preload('any-partition')],
  },
  {
    name: 'applied offsets are not compared',
    by: i07,
    shows: ['dup', 'zombie'],
    preloads: [preload('no-fence')],
  },
  {
    name: 'records of a parked tenant overtake those passed over',
    by: i09b,
    shows: ['lost', 'ooo'],
    preloads: [preload('forgets-who-is-parked')],
  },
  {
    name: 'reads do not wait for their token',
    by: i12,
    shows: ['stale'],
    preloads: [preload('ignores-tokens')],
  },
  {
    name: 'a projection uses the clock of its process',
    by: i15,
    shows: ['differ'],
    preloads: [preload('own-clock')],
  },
  {
    name: 'one route reads another tenant’s database',
    by: i17,
    shows: ['leaks'],
    preloads: [preload('reads-another-tenant')],
  },
  {
    name: 'redaction is off',
    by: d62,
    shows: ['hits_rows', 'hits_topics'],
    preloads: [preload('redacts-nothing')],
  },
];
