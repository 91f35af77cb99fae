import { type Queryable } from './log-reader.js';

/** Who works through the log in its order: the relay, and what fills a search index. */
export type FollowerName = 'relay' | `search_${string}`;

/** The right to go on from `position`, until another process takes it over or its time is up. */
export interface FollowerLease {
  readonly position: number;
  readonly fence: number;
  readonly logEpoch: number;
}

const TAKE = `
  UPDATE log_followers SET fence = fence + 1, leased_until = clock_timestamp() + $2 * interval '1 millisecond'
  WHERE name = $1 AND leased_until <= clock_timestamp()
  RETURNING position, fence, (SELECT log_epoch FROM log_identity) AS log_epoch`;

const ADVANCE = `
  UPDATE log_followers SET position = $3, leased_until = clock_timestamp() + $4 * interval '1 millisecond'
  WHERE name = $1 AND fence = $2`;

const RELEASE = `UPDATE log_followers SET leased_until = '-infinity' WHERE name = $1 AND fence = $2`;

/**
 * One follower of a tenant's log: at any time at most one process may move it on. A lease that ran out can be taken by
 * another process; whoever had it before learns of it when it wants to move on, by the fence that every taking raises.
 */
export class LogFollower {
  constructor(
    private readonly db: Queryable,
    private readonly name: FollowerName,
    private readonly leaseMs = 10_000,
  ) {}

  /** The lease, or null while another process has it. */
  async take(): Promise<FollowerLease | null> {
    const { rows } = await this.db.query<{ position: string; fence: string; log_epoch: number }>(
      TAKE,
      [this.name, this.leaseMs],
    );
    const [row] = rows;
    if (!row) return null;
    return {
      position: Number(row.position),
      fence: Number(row.fence),
      logEpoch: row.log_epoch,
    };
  }

  /** Moves on and renews the lease; false where another process has taken over: nothing was moved. */
  async advance(lease: FollowerLease, to: number): Promise<boolean> {
    const { rowCount } = await this.db.query(ADVANCE, [this.name, lease.fence, to, this.leaseMs]);
    return rowCount === 1;
  }

  /** Lets another process take it at once. */
  async release({ fence }: FollowerLease): Promise<void> {
    await this.db.query(RELEASE, [this.name, fence]);
  }
}

/** How far a follower has got: the last position it has dealt with. */
export async function readFollower(db: Queryable, name: FollowerName): Promise<number> {
  const { rows } = await db.query<{ position: string }>(
    'SELECT position FROM log_followers WHERE name = $1',
    [name],
  );
  return Number(rows[0]?.position ?? 0);
}
