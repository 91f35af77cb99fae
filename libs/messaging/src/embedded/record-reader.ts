import { type Pool } from 'pg';
import { type DeliveredRecord } from '../bus.js';
import { decodeHeaders } from './header-codec.js';

/** The running sum bounds the bytes of an answer without reading the values: only their lengths are looked at. */
const READ = `
SELECT w.partition, p.next_offset, r.record_offset, r.published_ms, r.key, r.headers, r.value
  FROM unnest($2::int[], $3::bigint[]) AS w (partition, first)
  JOIN bus_partitions p ON p.topic_id = $1 AND p.partition = w.partition
 CROSS JOIN LATERAL (
   SELECT page.*, sum(coalesce(octet_length(value), 0)) OVER (ORDER BY record_offset)
                  - coalesce(octet_length(value), 0) AS bytes_before
     FROM (SELECT record_offset, published_ms, key, headers, value FROM bus_records b
            WHERE b.topic_id = $1 AND b.partition = w.partition AND b.record_offset >= w.first
            ORDER BY b.record_offset LIMIT $4) page
 ) r
 WHERE r.bytes_before < $5
 ORDER BY w.partition, r.record_offset`;

type Row = [number, string, string, string, Buffer | null, Buffer, Buffer | null];

/** From which offset on a partition is to be read. */
export interface ReadFrom {
  readonly partition: number;
  readonly first: number;
}

/** Consecutive records of a partition. */
export interface Page {
  readonly partition: number;
  readonly highWater: number;
  readonly records: DeliveredRecord[];
}

/** Most records and bytes of values in the page of a partition. */
export interface PageLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** Reads the next records of several partitions at once; partitions without any are left out. */
export async function readPages(
  pool: Pool,
  topicId: number,
  from: readonly ReadFrom[],
  { maxRecords, maxBytes }: PageLimits,
): Promise<Page[]> {
  const { rows } = await pool.query<Row>({
    name: 'read',
    text: READ,
    rowMode: 'array',
    values: [
      topicId,
      from.map(({ partition }) => partition),
      from.map(({ first }) => first),
      maxRecords,
      maxBytes,
    ],
  });
  const pages: Page[] = [];
  for (const [partition, highWater, ...rest] of rows) {
    if (pages.at(-1)?.partition !== partition)
      pages.push({ partition, highWater: Number(highWater), records: [] });
    const [offset, publishedMs, key, headers, value] = rest;
    pages.at(-1)!.records.push({
      ...{ key, value },
      offset: Number(offset),
      timestamp: Number(publishedMs),
      headers: decodeHeaders(headers),
    });
  }
  return pages;
}
