import { PARTNERS_GROUP, partnerTopic } from '@parley/contracts';
import { type Standing } from '@parley/event-store';
import { type Bus, type Source } from '@parley/messaging';
import { type Parked } from '../parking/parked-records.js';
import { type Backlog, ownBacklog, sharedBacklog, unreadBacklog } from './backlog.js';
import { type PartitionFreshness } from './freshness.document.js';
import { SHARED_LIMITS, SHARED_TOPICS, type SharedTail, SharedTails } from './shared-tails.js';
import { incarnationOf, readTail } from './tail.js';

/** One tenant, as its database and the control database know it; `standing` is null while its database is away. */
export interface TenantState {
  readonly tenant: string;
  readonly standing: Standing | null;
  readonly parked: readonly Parked[];
}

/** What was found on a partition. */
export interface PartitionBacklog {
  readonly partition: PartitionFreshness;
  readonly backlogs: readonly Backlog[];
}

/** The tails of the topics that tenants share, as they were before anything else was looked at. */
export type Tails = ReadonlyMap<string, readonly SharedTail[]>;

// More is counted by offsets: all records of the topic are the tenant's.
const OWN_LIMITS = { records: 500 };

/** Finds what of a tenant's records is on the bus and not applied. */
export class BacklogReader {
  private readonly shared: SharedTails;

  constructor(private readonly bus: Bus) {
    this.shared = new SharedTails(bus);
  }

  /**
   * To be asked for before the tenant's state: what is applied or parked after this look is then known to be, and
   * counted neither as missing nor twice.
   */
  async tails(): Promise<Tails> {
    const found = SHARED_TOPICS.map(
      async ({ topic }) => [topic, await this.shared.of(topic)] as const,
    );
    return new Map(await Promise.all(found));
  }

  async read(state: TenantState, tails: Tails): Promise<readonly PartitionBacklog[]> {
    const shared = SHARED_TOPICS.flatMap(({ topic, doors }) =>
      (tails.get(topic) ?? []).map((tail) => this.readShared(state, tail, doors)),
    );
    const [own, ...others] = await Promise.all([this.readOwn(state), ...shared]);
    return [...others, ...own];
  }

  private async readShared(
    state: TenantState,
    tail: SharedTail,
    doors: (typeof SHARED_TOPICS)[number]['doors'],
  ): Promise<PartitionBacklog> {
    const { tenant } = state;
    const { source, end } = tail;
    const applied = appliedOn(state, source);
    const place = placeOn(state, source);
    const parkedTo = place?.to ?? 0;
    const passedOver = {
      from: Math.max(place?.from ?? 0, applied ?? 0),
      to: Math.min(parkedTo, tail.from),
    };
    const earlier = await readTail(this.bus, { ...source, ...passedOver }, SHARED_LIMITS);
    const isWhole = earlier.next >= passedOver.to && tail.next >= end;
    const from = applied ?? 0;
    return {
      partition: { topic: source.topic, partition: source.partition, applied, end },
      backlogs: [
        ...sharedBacklog(earlier, { tenant, from, parkedTo }),
        ...sharedBacklog(tail, { tenant, from, parkedTo }),
        ...(isWhole ? [] : unreadBacklog(doors)),
      ],
    };
  }

  private async readOwn(state: TenantState): Promise<PartitionBacklog[]> {
    const { bus } = this;
    const topic = partnerTopic(state.tenant);
    const incarnation = await incarnationOf(bus, topic);
    if (incarnation === null) return [];
    const committed = await bus.committed(PARTNERS_GROUP, topic);
    const ends = await bus.ends(topic);
    return Promise.all(
      ends.map(async ({ partition, highWater: end, logStart }) => {
        const source = { bus: bus.id, incarnation, group: PARTNERS_GROUP, topic, partition };
        const applied = appliedOn(state, source);
        const place = placeOn(state, source);
        const known = applied ?? place?.from ?? committed.get(partition) ?? 0;
        const from = Math.min(Math.max(known, logStart), end);
        const tail = await readTail(bus, { topic, partition, from, to: end }, OWN_LIMITS);
        return {
          partition: { topic, partition, applied, end },
          backlogs: [ownBacklog(tail, end, place?.to ?? 0)],
        };
      }),
    );
  }
}

function appliedOn({ standing }: TenantState, source: Source): number | null {
  const { incarnation, group, topic, partition } = source;
  const found = standing?.applied.find(
    (one) =>
      one.topic === topic &&
      one.partition === partition &&
      one.group === group &&
      one.incarnation === incarnation,
  );
  return found?.next ?? null;
}

function placeOn({ parked }: TenantState, source: Source): Parked | undefined {
  const { incarnation, group, topic, partition } = source;
  return parked.find(
    ({ source: of }) =>
      of.topic === topic &&
      of.partition === partition &&
      of.group === group &&
      of.incarnation === incarnation,
  );
}
