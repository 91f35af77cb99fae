import { randomUUID } from 'node:crypto';
import { endedWithin } from '../bounded.js';
import { type ConsumeOptions, type Consumption } from '../bus.js';
import { type Backoff, ConsumptionState } from '../consumption-state.js';
import { GroupLease } from './group-lease.js';
import { TopicFeed, type TopicFeedParts } from './topic-feed.js';

const STOP_WITHIN_MS = 15_000;

/** What a consumption needs of its bus; `refuseUnknown` rejects for a topic that Parley did not make. */
export interface EmbeddedConsumptionParts extends Omit<TopicFeedParts, 'lease'> {
  readonly refuseUnknown: (topics: readonly string[]) => Promise<void>;
}

interface RunningFeed {
  readonly feed: TopicFeed;
  /** Resolves when all that it had under way is done with. */
  stop(): Promise<void>;
}

/** One member of a group on the embedded bus. */
export class EmbeddedConsumption implements Consumption {
  private readonly state: ConsumptionState;
  private readonly feeds = new Map<string, RunningFeed>();
  private changing: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: EmbeddedConsumptionParts,
    private readonly how: { readonly options: ConsumeOptions; readonly backoff?: Backoff },
  ) {
    this.state = new ConsumptionState(how.options, how.backoff);
    for (const topic of how.options.topics) this.start(topic);
    void this.state.failed.then(() => this.stop());
  }

  get failed(): Promise<Error> {
    return this.state.failed;
  }

  get silentForMs(): number {
    if (this.state.isStopping) return 0;
    return Math.max(0, ...[...this.feeds.values()].map(({ feed }) => feed.silentForMs));
  }

  subscribe(topics: readonly string[]): Promise<void> {
    const changed = this.changing.then(() => this.change(new Set(topics)));
    this.changing = changed.catch(() => undefined);
    return changed;
  }

  async stop(): Promise<void> {
    this.state.stop();
    await Promise.all([...this.feeds.values()].map((running) => running.stop()));
  }

  private async change(topics: ReadonlySet<string>): Promise<void> {
    await this.parts.refuseUnknown([...topics]);
    const leaving = [...this.feeds].filter(([topic]) => !topics.has(topic));
    for (const topic of topics) if (!this.feeds.has(topic)) this.start(topic);
    for (const [topic] of leaving) this.feeds.delete(topic);
    await Promise.all(leaving.map(([, running]) => running.stop()));
  }

  private start(topic: string): void {
    if (this.state.isStopping) return;
    const { options, backoff } = this.how;
    const { parts } = this;
    const state = new ConsumptionState(options, backoff);
    void state.failed.then((error) => this.state.fail(error));
    const place = { group: options.group, topic };
    const owner = randomUUID();
    const lease = new GroupLease(parts.pool, { ...place, owner, leaseMs: parts.leaseMs });
    const feed = new TopicFeed(place, { ...parts, lease }, state);
    const running = feed.run();
    const stop = async () => {
      state.stop();
      await endedWithin(STOP_WITHIN_MS, running);
    };
    this.feeds.set(topic, { feed, stop });
  }
}
