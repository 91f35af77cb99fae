import { type Invariant } from '../invariant.js';
import { d62 } from './d62-redaction.js';
import { i01 } from './i01-acknowledged.js';
import { i02 } from './i02-broker-crash.js';
import { i03 } from './i03-postgres-crash.js';
import { i03b } from './i03b-settings.js';
import { i04 } from './i04-retries.js';
import { i05 } from './i05-redelivery.js';
import { i06 } from './i06-order.js';
import { i07 } from './i07-zombies.js';
import { i08 } from './i08-conservation.js';
import { i09 } from './i09-poison.js';
import { i09b } from './i09b-database-away.js';
import { i10 } from './i10-back-pressure.js';
import { i11 } from './i11-rolling-restart.js';
import { i12 } from './i12-read-your-writes.js';
import { i13 } from './i13-no-gaps.js';
import { i13b } from './i13b-followers.js';
import { i15 } from './i15-rebuild.js';
import { i17 } from './i17-isolation.js';
import { i18 } from './i18-idempotency.js';
import { i20 } from './i20-clocks.js';
import { i23 } from './i23-erasure.js';
import { i24 } from './i24-one-contract.js';
import { i26 } from './i26-no-undead.js';

/** Every promise that is put to the test, in the order of the lines. */
export const invariants: readonly Invariant[] = [
  ...[i01, i02, i03, i03b, i04, i05, i06, i07, i08, i09, i09b, i10, i11, i12],
  ...[i13, i13b, i15, i17, i18, i20, i23, i24, i26, d62],
];
