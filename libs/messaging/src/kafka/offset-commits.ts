import { type PartitionWorker } from '../partition-worker.js';
import { type GroupMember } from './group-member.js';

/** Says to the brokers how far the workers of a member are, and only what it has not said before. */
export class OffsetCommits {
  private readonly said = new Map<string, number>();

  /** Of one place, or of all: what was said counts no longer. */
  forget(place?: string): void {
    if (place === undefined) this.said.clear();
    else this.said.delete(place);
  }

  async commit(member: GroupMember, workers: ReadonlyMap<string, PartitionWorker>): Promise<void> {
    const offsets = [...workers]
      .filter(([place, { handled }]) => handled !== null && handled !== this.said.get(place))
      .map(([place, { handled, source }]) => ({ place, handled: handled!, source }));
    if (offsets.length === 0) return;
    try {
      await member.commit(
        offsets.map(({ handled, source: { topic, partition } }) => ({
          ...{ topic, partition },
          offset: String(handled),
        })),
      );
      for (const { place, handled } of offsets) this.said.set(place, handled);
    } catch {
      // A hint that got lost: at worst the records come once more.
    }
  }
}
