import { type Pool } from 'pg';
import { type DeliveredRecord } from '../bus.js';
import { copyOut } from './copy-out.js';
import { decodeHeaders } from './header-codec.js';

/**
 * A binary COPY: as text every byte would come as two characters. It takes no parameters, but all of them are numbers.
 * The running sum bounds the bytes of an answer without reading the values: only their lengths are looked at.
 */
const readSql = (topicId: number, from: readonly ReadFrom[], limits: PageLimits) => `COPY (
SELECT w.partition, p.next_offset, r.record_offset, r.published_ms, r.key, r.headers, r.value
  FROM (VALUES ${from.map(({ partition, first }) => `(${partition}, ${first}::bigint)`).join()}) AS w (partition, first)
  JOIN bus_partitions p ON p.topic_id = ${topicId} AND p.partition = w.partition
 CROSS JOIN LATERAL (
   SELECT page.*, sum(coalesce(octet_length(value), 0)) OVER (ORDER BY record_offset)
                  - coalesce(octet_length(value), 0) AS bytes_before
     FROM (SELECT record_offset, published_ms, key, headers, value FROM bus_records b
            WHERE b.topic_id = ${topicId} AND b.partition = w.partition AND b.record_offset >= w.first
            ORDER BY b.record_offset LIMIT ${limits.maxRecords}) page
 ) r
 WHERE r.bytes_before < ${limits.maxBytes}
 ORDER BY w.partition, r.record_offset
) TO STDOUT (FORMAT binary)`;

const SIGNATURE_BYTES = 19;
const END = -1;

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
  limits: PageLimits,
): Promise<Page[]> {
  const client = await pool.connect();
  try {
    const bytes = await copyOut(client, readSql(topicId, from, limits));
    client.release();
    return pagesOf(bytes);
  } catch (error) {
    client.release(true);
    throw error;
  }
}

function pagesOf(bytes: Buffer): Page[] {
  const pages: Page[] = [];
  for (let at = SIGNATURE_BYTES; bytes.readInt16BE(at) !== END;) {
    const partition = bytes.readInt32BE(at + 6);
    const highWater = Number(bytes.readBigInt64BE(at + 14));
    const offset = Number(bytes.readBigInt64BE(at + 26));
    const timestamp = Number(bytes.readBigInt64BE(at + 38));
    const key = fieldAt(bytes, at + 46);
    const headers = fieldAt(bytes, key.end);
    const value = fieldAt(bytes, headers.end);
    at = value.end;
    if (pages.at(-1)?.partition !== partition) pages.push({ partition, highWater, records: [] });
    pages.at(-1)!.records.push({
      ...{ offset, timestamp, key: key.bytes, value: value.bytes },
      headers: decodeHeaders(headers.bytes!),
    });
  }
  return pages;
}

function fieldAt(bytes: Buffer, at: number): { bytes: Buffer | null; end: number } {
  const length = bytes.readInt32BE(at);
  const start = at + 4;
  return length < 0
    ? { bytes: null, end: start }
    : { bytes: bytes.subarray(start, start + length), end: start + length };
}
