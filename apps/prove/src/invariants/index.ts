import { type Invariant } from '../invariant.js';
import { i01 } from './i01-acknowledged.js';
import { i02 } from './i02-broker-crash.js';
import { i03 } from './i03-postgres-crash.js';
import { i03b } from './i03b-settings.js';
import { i04 } from './i04-retries.js';
import { i05 } from './i05-redelivery.js';
import { i06 } from './i06-order.js';
import { i07 } from './i07-zombies.js';
import { i10 } from './i10-back-pressure.js';
import { i11 } from './i11-rolling-restart.js';

/** Every promise that is put to the test, in the order of the lines. */
export const invariants: readonly Invariant[] = [
  ...[i01, i02, i03, i03b, i04, i05, i06, i07, i10, i11],
];
