import { type PartitionWorker } from '../partition-worker.js';
import { type GroupMember } from './group-member.js';

/** Says to the brokers how far the workers of a member are, and only what it has not said before. */
export class OffsetCommits {
  private readonly said = new Map<string, number>();
  private saying?: Promise<void>;

  /** Of one place, or of all: what was said counts no longer. */
  forget(place?: string): void {
    if (place === undefined) this.said.clear();
    else this.said.delete(place);
  }

  get isUnderWay(): boolean {
    return this.saying !== undefined;
  }

  /** After the one under way, which may take seconds where a topic is gone. */
  async commit(member: GroupMember, workers: ReadonlyMap<string, PartitionWorker>): Promise<void> {
    const saying = (this.saying ?? Promise.resolve()).then(() => this.say(member, workers));
    this.saying = saying;
    await saying;
    if (this.saying === saying) this.saying = undefined;
  }

  private async say(
    member: GroupMember,
    workers: ReadonlyMap<string, PartitionWorker>,
  ): Promise<void> {
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
