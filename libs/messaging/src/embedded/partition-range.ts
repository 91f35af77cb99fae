import { type Pool } from 'pg';
import { type DeliveredRecord, type PartitionEnd, type RecordRange } from '../bus.js';
import { CHUNK_LIMITS } from '../consumption-state.js';
import { readPages } from './record-reader.js';

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

/** The records of a range that are still kept, a page at a time. */
export async function* pagesOfRange(
  pool: Pool,
  topicId: number,
  { partition, from, to }: RecordRange,
): AsyncGenerator<readonly DeliveredRecord[]> {
  for (let first = from; first < to;) {
    const [page] = await readPages(pool, topicId, [{ partition, first }], CHUNK_LIMITS);
    const records = page?.records.filter(({ offset }) => offset < to) ?? [];
    if (records.length === 0) return;
    yield records;
    first = records.at(-1)!.offset + 1;
  }
}
