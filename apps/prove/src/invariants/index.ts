import { type Invariant } from '../invariant.js';
import { i01 } from './i01-acknowledged.js';
import { i06 } from './i06-order.js';
import { i07 } from './i07-zombies.js';

/** Every promise that is put to the test, in the order of the lines. */
export const invariants: readonly Invariant[] = [i01, i06, i07];
