import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '@parley/platform';
import { type Pool } from 'pg';
import { type DeliveredRecord, type LostRecords, type Source } from '../bus.js';
import { type ConsumptionState } from '../consumption-state.js';
import { PartitionWorker, type WorkerSettings } from '../partition-worker.js';
import { type GroupLease, type Lease } from './group-lease.js';
import { type FreshRecords } from './record-block.js';
import { type Page, readPages } from './record-reader.js';
import { type WakeUps } from './wake-ups.js';

const COMMIT_EVERY_MS = 500;
const LONGEST_PAUSE_MS = 1_000;

/** What a feed needs of its bus. */
export interface TopicFeedParts {
  readonly pool: Pool;
  readonly busId: string;
  readonly lease: GroupLease;
  readonly wakeUps: WakeUps;
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly onLost?: (lost: LostRecords) => void;
}

/**
 * Feeds the workers of one topic while this member holds the group's lease on it, reading ahead while handlers work.
 * An unreachable database is waited for and never counts as a failure of a handler.
 */
export class TopicFeed {
  private workers: PartitionWorker[] = [];
  private readonly committed = new Map<number, number>();
  private readonly settings: WorkerSettings;
  private topicId?: number;
  private heldUntil = 0;
  private lastTurn = performance.now();
  private isAwake = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly source: Pick<Source, 'group' | 'topic'>,
    private readonly parts: TopicFeedParts,
    private readonly state: ConsumptionState,
  ) {
    this.settings = state.workerSettings(
      (worker) => worker.isBehind && this.wakeUp(),
      (error) => state.fail(error),
    );
  }

  /** Since it last asked the database for something. */
  get silentForMs(): number {
    return performance.now() - this.lastTurn;
  }

  /** Resolves when the consumption stops and the chunks under way are done with. */
  async run(): Promise<void> {
    const forget = this.parts.wakeUps.onWake((fresh) => this.hear(fresh));
    this.state.signal.addEventListener('abort', () => this.wakeUp());
    for (let failures = 0; !this.state.isStopping;) {
      try {
        const since = (this.lastTurn = performance.now());
        const lease = await this.parts.lease.acquire(this.parts.wakeUps.session);
        if (lease) await this.hold(lease, since);
        else await this.pause(this.parts.pollMs);
        failures = 0;
      } catch {
        failures++;
        await this.pause(Math.min(LONGEST_PAUSE_MS, backoffMs(failures)));
      }
    }
    forget();
  }

  private async hold(lease: Lease, since: number): Promise<void> {
    this.startWorkers(lease);
    this.extend(since);
    const renewing = setInterval(() => void this.renew(lease), this.parts.leaseMs / 3);
    const committing = setInterval(() => void this.commit(lease), COMMIT_EVERY_MS);
    try {
      while (!this.state.isStopping && this.isHeld) await this.feed(lease);
    } finally {
      clearInterval(renewing);
      clearInterval(committing);
      await Promise.all(this.workers.map((worker) => worker.abandon()));
      await this.commit(lease);
    }
    if (this.state.isStopping) await this.parts.lease.release(lease);
    this.parts.wakeUps.announce();
  }

  private startWorkers({ topicId, incarnation, partitions }: Lease): void {
    this.topicId = topicId;
    const { busId } = this.parts;
    this.committed.clear();
    this.workers = partitions.map(
      ({ partition, committed }) =>
        new PartitionWorker(
          { ...this.source, bus: busId, incarnation, partition },
          committed,
          this.settings,
        ),
    );
  }

  private async feed({ topicId }: Lease): Promise<void> {
    this.isAwake = false;
    this.lastTurn = performance.now();
    const open = this.workers.filter(({ hasRoom }) => hasRoom);
    const from = open.map(({ source: { partition }, next }) => ({ partition, first: next }));
    const pages =
      from.length > 0 ? await readPages(this.parts.pool, topicId, from, this.settings) : [];
    let isMoreThere = false;
    for (const page of pages) isMoreThere = this.offer(page) || isMoreThere;
    if (!isMoreThere) await this.untilWoken();
  }

  private offer({ partition, records, highWater }: Page): boolean {
    const worker = this.workers.find(({ source }) => source.partition === partition)!;
    this.reportLoss(worker, records);
    worker.offer(records, highWater);
    return worker.hasRoom && worker.isBehind;
  }

  /** Offsets have no gaps here; a group that is at 0 may be a new one, which has lost nothing. */
  private reportLoss({ next, source }: PartitionWorker, records: readonly DeliveredRecord[]): void {
    const first = records[0]?.offset ?? 0;
    if (next > 0 && first > next) this.parts.onLost?.({ source, from: next, to: first });
  }

  private get isHeld(): boolean {
    return performance.now() < this.heldUntil;
  }

  /** Counted from before the statement was sent, so never longer than the database counts. */
  private extend(since: number): void {
    this.heldUntil = since + this.parts.leaseMs;
  }

  private async renew(lease: Lease): Promise<void> {
    const since = performance.now();
    try {
      if (await this.parts.lease.renew(lease, this.parts.wakeUps.session))
        return this.extend(since);
      this.heldUntil = 0;
      this.wakeUp();
    } catch {
      // The database is away: the lease runs out by itself unless a later try succeeds.
    }
  }

  private async commit(lease: Lease): Promise<void> {
    const next = new Map<number, number>();
    for (const { handled, source } of this.workers)
      if (handled !== null && handled !== this.committed.get(source.partition))
        next.set(source.partition, handled);
    try {
      await this.parts.lease.commit(lease, next);
      for (const [partition, offset] of next) this.committed.set(partition, offset);
    } catch {
      // A hint that got lost: at worst the records come once more.
    }
  }

  /**
   * What this process has just published goes to its workers without being read back, as far as it follows on what
   * they have; whatever else is there is read.
   */
  private hear(fresh?: readonly FreshRecords[]): void {
    if (!fresh) return this.wakeUp();
    for (const one of fresh) {
      const { topicId, partition, first, highWater } = one;
      if (topicId !== this.topicId) continue;
      const worker = this.workers.find(({ source }) => source.partition === partition)!;
      const isNext = this.isHeld && worker.hasRoom && worker.next === first;
      worker.offer(isNext ? one.read() : [], highWater);
      if (worker.hasRoom && worker.isBehind) this.wakeUp();
    }
  }

  private wakeUp(): void {
    this.isAwake = true;
    this.wake();
  }

  private async untilWoken(): Promise<void> {
    if (this.isAwake || this.state.isStopping) return;
    const poll = setTimeout(() => this.wakeUp(), this.parts.pollMs);
    await new Promise<void>((resolve) => (this.wake = resolve));
    clearTimeout(poll);
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.state.signal }).catch(() => undefined);
  }
}
