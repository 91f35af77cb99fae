import { type Pool } from 'pg';
import { LIVE_SESSIONS } from './wake-ups.js';

/** Who a lease is for. */
export interface LeaseClaim {
  readonly group: string;
  readonly topic: string;
  readonly owner: string;
  readonly leaseMs: number;
}

/** A partition as the holder of the lease finds it. */
export interface LeasedPartition {
  readonly partition: number;
  readonly committed: number;
}

/** The topic as the holder of the lease finds it. */
export interface Lease {
  readonly epoch: string;
  readonly topicId: number;
  readonly incarnation: number;
  readonly partitions: readonly LeasedPartition[];
}

// A lease is free once it has run out, or once the session of its owner has ended: a process that died hands over at once.
const ACQUIRE = `INSERT INTO bus_leases AS l (group_name, topic, owner, epoch, session, lease_until)
  VALUES ($1, $2, $3, 1, $5, clock_timestamp() + $4 * interval '1 ms')
  ON CONFLICT (group_name, topic) DO UPDATE
    SET owner = excluded.owner, session = excluded.session, lease_until = excluded.lease_until,
        epoch = l.epoch + CASE WHEN l.owner = excluded.owner THEN 0 ELSE 1 END
    WHERE l.owner = excluded.owner OR l.lease_until < clock_timestamp()
       OR l.session NOT IN (${LIVE_SESSIONS})
  RETURNING epoch`;
const LOOK = `SELECT p.topic_id, t.incarnation, p.partition, coalesce(o.next_offset, 0) AS committed
  FROM bus_topic_ids i JOIN bus_partitions p USING (topic_id)
  JOIN bus_topics t ON t.topic = i.topic AND t.bus_id = (SELECT bus_id::text FROM bus_identity)
  LEFT JOIN bus_offsets o ON o.group_name = $1 AND o.topic_id = p.topic_id AND o.partition = p.partition
 WHERE i.topic = $2`;
const RENEW = `UPDATE bus_leases l SET lease_until = clock_timestamp() + $5 * interval '1 ms', session = $7
  FROM bus_topic_ids i WHERE i.topic = l.topic AND i.topic_id = $6
   AND l.group_name = $1 AND l.topic = $2 AND l.owner = $3 AND l.epoch = $4`;
const RELEASE = `UPDATE bus_leases SET lease_until = '-infinity'
  WHERE group_name = $1 AND topic = $2 AND owner = $3 AND epoch = $4`;
const COMMIT = `INSERT INTO bus_offsets AS o (group_name, topic_id, partition, next_offset)
  SELECT $1, $5, n.partition, n.next_offset FROM unnest($6::int[], $7::bigint[]) AS n (partition, next_offset)
   WHERE EXISTS (SELECT FROM bus_leases
                  WHERE group_name = $1 AND topic = $2 AND owner = $3 AND epoch = $4 FOR SHARE)
  ON CONFLICT (group_name, topic_id, partition)
  DO UPDATE SET next_offset = greatest(o.next_offset, excluded.next_offset)`;

/**
 * A group's claim on a topic: one owner at a time, by the database's clock and sessions alone; the epoch fences what
 * an earlier owner still sends.
 */
export class GroupLease {
  constructor(
    private readonly pool: Pool,
    private readonly claim: LeaseClaim,
  ) {}

  /** Null while somebody else holds it, or while the topic is missing. */
  async acquire(session: string | null): Promise<Lease | null> {
    const { group, topic, owner, leaseMs } = this.claim;
    const taken = await this.pool.query<{ epoch: string }>({
      name: 'acquire',
      text: ACQUIRE,
      values: [group, topic, owner, leaseMs, session],
    });
    if (!taken.rows[0]) return null;
    const { rows } = await this.pool.query<{
      topic_id: number;
      incarnation: number;
      partition: number;
      committed: string;
    }>(LOOK, [group, topic]);
    if (!rows[0]) return null;
    return {
      epoch: taken.rows[0].epoch,
      topicId: rows[0].topic_id,
      incarnation: rows[0].incarnation,
      partitions: rows.map(({ partition, committed }) => ({
        partition,
        committed: Number(committed),
      })),
    };
  }

  /** False when it went to somebody else, or when the topic was made anew. */
  async renew({ epoch, topicId }: Lease, session: string | null): Promise<boolean> {
    const values = [...this.holder(epoch), this.claim.leaseMs, topicId, session];
    const { rowCount } = await this.pool.query({ name: 'renew', text: RENEW, values });
    return rowCount === 1;
  }

  async release({ epoch }: Lease): Promise<void> {
    await this.pool.query(RELEASE, this.holder(epoch));
  }

  /** Says how far the group is; without effect for one who no longer holds the lease. */
  async commit(lease: Lease, next: ReadonlyMap<number, number>): Promise<void> {
    if (next.size === 0) return;
    const values = [
      ...this.holder(lease.epoch),
      lease.topicId,
      [...next.keys()],
      [...next.values()],
    ];
    await this.pool.query({ name: 'commit', text: COMMIT, values });
  }

  private holder(epoch: string): string[] {
    const { group, topic, owner } = this.claim;
    return [group, topic, owner, epoch];
  }
}
