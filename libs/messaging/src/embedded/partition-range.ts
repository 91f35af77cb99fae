import { setTimeout as delay } from 'node:timers/promises';
import { type Pool } from 'pg';
import { type DeliveredRecord, type PartitionEnd, type RecordRange } from '../bus.js';
import { CHUNK_LIMITS } from '../consumption-state.js';
import { readPages } from './record-reader.js';

const LOOK_AGAIN_MS = 50;

const ENDS = `SELECT p.partition, p.next_offset AS next, coalesce(kept.first, p.next_offset) AS first
  FROM bus_topic_ids i JOIN bus_partitions p USING (topic_id)
  LEFT JOIN LATERAL (
    SELECT record_offset AS first FROM bus_records r
     WHERE r.topic_id = p.topic_id AND r.partition = p.partition ORDER BY record_offset LIMIT 1
  ) kept ON true
 WHERE i.topic = $1 ORDER BY p.partition`;

/** Both ends of each partition of a topic. */
export async function readEnds(pool: Pool, topic: string): Promise<PartitionEnd[]> {
  const { rows } = await pool.query<{ partition: number; next: string; first: string }>(ENDS, [
    topic,
  ]);
  return rows.map(({ partition, next, first }) => ({
    ...{ partition, highWater: Number(next), logStart: Number(first) },
  }));
}

const COMMITTED = `SELECT o.partition, o.next_offset AS next
  FROM bus_topic_ids i JOIN bus_offsets o USING (topic_id) WHERE o.group_name = $1 AND i.topic = $2`;

/** The offset after the last one that a group has committed, by partition. */
export async function readCommitted(
  pool: Pool,
  group: string,
  topic: string,
): Promise<ReadonlyMap<number, number>> {
  const values = [group, topic];
  const { rows } = await pool.query<{ partition: number; next: string }>(COMMITTED, values);
  return new Map(rows.map(({ partition, next }) => [partition, Number(next)]));
}

/** The records of a range that are still kept, a page at a time; an empty one where a followed range has no more yet. */
export async function* pagesOfRange(
  pool: Pool,
  topicId: number,
  { partition, from, to, isFollowed = false, maxBytes = CHUNK_LIMITS.maxBytes }: RecordRange,
): AsyncGenerator<readonly DeliveredRecord[]> {
  const limits = { ...CHUNK_LIMITS, maxBytes };
  for (let first = from; first < to;) {
    const [page] = await readPages(pool, topicId, [{ partition, first }], limits);
    const records = page?.records.filter(({ offset }) => offset < to) ?? [];
    if (records.length === 0 && !isFollowed) return;
    yield records;
    first = (records.at(-1)?.offset ?? first - 1) + 1;
  }
}

/** Waits until it is worth to look for more; ends at once when `signal` fires. */
export async function pauseAtEnd(signal?: AbortSignal): Promise<void> {
  await delay(LOOK_AGAIN_MS, undefined, signal && { signal }).catch(() => undefined);
}
