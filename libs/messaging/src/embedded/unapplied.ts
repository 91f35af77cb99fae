import pg from 'pg';

const COUNT = `SELECT count(*)::int AS count
  FROM bus_topic_ids i JOIN bus_partitions p USING (topic_id)
  LEFT JOIN bus_offsets o ON o.group_name = $1 AND o.topic_id = p.topic_id AND o.partition = p.partition
  JOIN bus_records r ON r.topic_id = p.topic_id AND r.partition = p.partition
   AND r.record_offset >= coalesce(o.next_offset, 0)
 WHERE i.topic = ANY ($2)`;

/** Whose records are counted. */
export interface UnappliedQuestion {
  /** PostgreSQL URL of the embedded bus's database. */
  readonly url: string;
  readonly group: string;
  readonly topics: readonly string[];
}

/**
 * How many records the embedded bus still holds that the group has not committed: 0 is what allows a change to another
 * bus. May count a few that were dealt with just before a crash; a start on the embedded bus settles them.
 */
export async function countUnapplied({ url, group, topics }: UnappliedQuestion): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: found } = await client.query<{ isThere: boolean }>(
      `SELECT to_regclass('bus_records') IS NOT NULL AS "isThere"`,
    );
    if (!found[0]!.isThere) return 0;
    const { rows } = await client.query<{ count: number }>(COUNT, [group, topics]);
    return rows[0]!.count;
  } finally {
    await client.end();
  }
}
