import { type ParkedRecords, type Parked } from '@parley/tenancy';

// Long enough for a fetch and a transaction, short enough for whoever waits on the same partition.
const HOLD_MS = 700;
const HOLD_EVERY_MS = 3_000;
const NEAR_MS = 1_000;

/**
 * The end of a parking: as long as records come, somebody passes over more of them while the last ones are applied.
 * Whoever applies them is near when the end that it has reached was the end a second ago; then it holds the place, and
 * consumers wait a moment rather than pass over more.
 */
export class Closing {
  private end: number;
  private knownSince = performance.now();
  private heldSince = -Infinity;

  constructor(
    private readonly parked: ParkedRecords,
    private readonly place: Parked,
  ) {
    this.end = place.to;
  }

  /** Ends the parking where all that was passed over is below `applied`; answers whether it is over. */
  async isOver(applied: number): Promise<boolean> {
    if (applied < this.end) return false;
    if (await this.parked.release(this.place, applied)) return true;
    const end = await this.endNow();
    if (end === null) return true;
    this.end = end;
    this.knownSince = performance.now();
    return applied >= end && this.parked.release(this.place, applied);
  }

  private async endNow(): Promise<number | null> {
    const now = performance.now();
    const isNear = now - this.knownSince < NEAR_MS;
    if (!isNear || now - this.heldSince < HOLD_EVERY_MS) return this.parked.end(this.place);
    this.heldSince = now;
    return this.parked.hold(this.place, HOLD_MS);
  }
}
