import { randomUUID } from 'node:crypto';
import { endedWithin } from '../bounded.js';
import { type ConsumeOptions, type Consumption } from '../bus.js';
import { type Backoff, ConsumptionState } from '../consumption-state.js';
import { GroupLease } from './group-lease.js';
import { TopicFeed, type TopicFeedParts } from './topic-feed.js';

const STOP_WITHIN_MS = 15_000;

/** One member of a group on the embedded bus. */
export class EmbeddedConsumption implements Consumption {
  private readonly state: ConsumptionState;
  private readonly running: Promise<unknown>;

  constructor(
    parts: Omit<TopicFeedParts, 'lease'>,
    { options, backoff }: { options: ConsumeOptions; backoff?: Backoff },
  ) {
    this.state = new ConsumptionState(options, backoff);
    const owner = randomUUID();
    const feeds = options.topics.map((topic) => {
      const place = { group: options.group, topic };
      const lease = new GroupLease(parts.pool, { ...place, owner, leaseMs: parts.leaseMs });
      return new TopicFeed(place, { ...parts, lease }, this.state);
    });
    this.running = Promise.all(feeds.map((feed) => feed.run()));
    void this.state.failed.then(() => this.stop());
  }

  get failed(): Promise<Error> {
    return this.state.failed;
  }

  async stop(): Promise<void> {
    this.state.stop();
    await endedWithin(STOP_WITHIN_MS, this.running);
  }
}
