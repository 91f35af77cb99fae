import { describe, jest } from '@jest/globals';
import { describeBusContract } from './bus-contract.js';
import { startEmbeddedHarness } from './embedded-harness.js';

jest.setTimeout(60_000);

describe('the embedded bus', () => {
  describeBusContract(startEmbeddedHarness, startEmbeddedHarness);
});
