/** Something waiting for its turn, and how much of a batch it fills. */
interface Waiting<Item> {
  readonly item: Item;
  readonly weight: number;
  readonly settle: (error?: Error) => void;
}

/**
 * Group commit: whatever comes while a batch is under way goes into the next one, in order of arrival.
 * One batch at a time; a batch holds at least one item and otherwise at most `maxWeight`.
 */
export class MergingQueue<Item> {
  private readonly waiting: Waiting<Item>[] = [];
  private isRunning = false;

  constructor(
    private readonly maxWeight: number,
    private readonly run: (batch: readonly Item[]) => Promise<void>,
  ) {}

  /** Resolves when the batch with this item is through; rejects with what the batch threw. */
  push(item: Item, weight: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) => (error === undefined ? resolve() : reject(error));
      this.waiting.push({ item, weight, settle });
      if (!this.isRunning) void this.drain();
    });
  }

  get isIdle(): boolean {
    return !this.isRunning;
  }

  private async drain(): Promise<void> {
    this.isRunning = true;
    while (this.waiting.length > 0) {
      const batch = this.takeBatch();
      try {
        await this.run(batch.map(({ item }) => item));
        batch.forEach(({ settle }) => settle());
      } catch (error) {
        const reason = error instanceof Error ? error : new Error('the batch failed');
        batch.forEach(({ settle }) => settle(reason));
      }
      // Who waited for this batch may have a next item at once: it goes with those that wait already.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    this.isRunning = false;
  }

  private takeBatch(): Waiting<Item>[] {
    let weight = 0;
    const end = this.waiting.findIndex((next, index) => {
      weight += next.weight;
      return index > 0 && weight > this.maxWeight;
    });
    return this.waiting.splice(0, end === -1 ? this.waiting.length : end);
  }
}
