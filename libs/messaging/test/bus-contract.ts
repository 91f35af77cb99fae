import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeConsuming } from './contract/consuming.js';
import { describeFailures } from './contract/failures.js';
import { describeForeignRecords } from './contract/foreign-records.js';
import { describeGroups } from './contract/groups.js';
import { type BusHarness, OpenBuses } from './contract/harness.js';
import { describeOutages } from './contract/outages.js';
import { describePublishing } from './contract/publishing.js';
import { describeRanges } from './contract/ranges.js';
import { describeStopping } from './contract/stopping.js';
import { describeSubscribing } from './contract/subscribing.js';
import { describeTopics } from './contract/topics.js';
import { describeWatching } from './contract/watching.js';

type Start = () => Promise<BusHarness>;

/** What every bus promises; the same cases for each. Outages hit a bus that nobody else uses. */
export function describeBusContract(start: Start, startForOutages: Start): void {
  describeStarted('the contract of a bus', start, (buses, harness) => {
    describePublishing(buses);
    describeTopics(buses, harness);
    describeConsuming(buses);
    describeWatching(buses, harness);
    describeFailures(buses);
    describeStopping(buses);
    describeSubscribing(buses, harness);
    describeRanges(buses, harness);
    describeForeignRecords(buses, harness);
    describeGroups(buses);
  });
  describeStarted('the contract of a bus', startForOutages, describeOutages);
}

function describeStarted(
  name: string,
  start: Start,
  cases: (buses: OpenBuses, harness: () => BusHarness) => void,
): void {
  describe(name, () => {
    let started: BusHarness | undefined;
    const harness = () => started!;
    const buses = new OpenBuses(harness);

    beforeAll(async () => {
      started = await start();
    });

    afterAll(async () => {
      await buses.closeAll();
      await started?.close();
    });

    cases(buses, harness);
  });
}
