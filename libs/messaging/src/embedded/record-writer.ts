import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '@parley/platform';
import { type Pool, type PoolClient } from 'pg';
import { BusUnavailableError } from '../bus.js';
import { partitionOf } from '../partitioner.js';
import { type Publication } from '../publish-queue.js';
import { UnknownTopicError } from '../topic-registry.js';
import { type FreshRecords, RecordBlock, type WrittenSlot } from './record-block.js';
import { type TopicPlaces } from './topic-places.js';

/**
 * One statement, so one round trip and one commit. Counters are locked in order, lest two writers wait for each other,
 * and held until the commit, so that a partition's offsets become visible in order and without gaps. The bytes come as
 * one parameter, which pg sends as they are. A partition that is gone leaves nulls behind, and the statement fails.
 */
const WRITE = `
WITH counted AS (
  SELECT * FROM unnest($1::int[], $2::int[], $3::int[]) AS c (topic_id, partition, count)
), locked AS (
  SELECT p.topic_id, p.partition, c.count
    FROM bus_partitions p JOIN counted c USING (topic_id, partition)
   ORDER BY p.topic_id, p.partition FOR UPDATE OF p
), taken AS (
  UPDATE bus_partitions p SET next_offset = p.next_offset + l.count
    FROM locked l WHERE p.topic_id = l.topic_id AND p.partition = l.partition
  RETURNING p.topic_id, p.partition, p.next_offset - l.count AS first
), placed AS (
  SELECT slot, topic_id, partition, t.first, (extract(epoch FROM now()) * 1000)::bigint AS published_ms
    FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS s (topic_id, partition, slot)
    JOIN taken t USING (topic_id, partition)
), written AS (
  INSERT INTO bus_records (topic_id, partition, record_offset, published_ms, key, headers, value)
  SELECT p.topic_id, p.partition, p.first + r.nth, (extract(epoch FROM now()) * 1000)::bigint,
         substr($10::bytea, r.start, r.key_length),
         substr($10::bytea, r.start + r.key_length, r.headers_length),
         substr($10::bytea, r.start + r.key_length + r.headers_length, r.value_length)
    FROM unnest($4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[])
         AS r (slot, nth, start, key_length, headers_length, value_length)
    LEFT JOIN placed p USING (slot)
)
SELECT first, published_ms FROM placed ORDER BY slot`;

const NOT_NULL_VIOLATION = '23502';

/** Writes the records of several calls in one transaction. */
export class RecordWriter {
  constructor(
    private readonly pool: Pool,
    private readonly places: TopicPlaces,
    private readonly connectWithinMs: number,
  ) {}

  /** Rejects with `BusUnavailableError` or `UnknownTopicError`. */
  async write(publications: readonly Publication[]): Promise<FreshRecords[]> {
    try {
      return await this.tryWrite(publications).catch((error: { code?: string }) => {
        if (error.code !== NOT_NULL_VIOLATION) throw error;
        // The topic was made anew since its place was looked up.
        this.places.forget();
        return this.tryWrite(publications);
      });
    } catch (cause) {
      if (cause instanceof UnknownTopicError) throw cause;
      throw new BusUnavailableError('the bus did not take the records', { cause });
    }
  }

  private async tryWrite(publications: readonly Publication[]): Promise<FreshRecords[]> {
    const block = await this.blockOf(publications);
    const client = await this.connect();
    try {
      const query = { name: 'write', text: WRITE, values: block.parameters() };
      const { rows } = await client.query<WrittenSlot>(query);
      client.release();
      return block.written(rows);
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** Without a connection nothing was sent, so that, and only that, may be tried again. */
  private async connect(): Promise<PoolClient> {
    const deadline = performance.now() + this.connectWithinMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.pool.connect();
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
      await delay(backoffMs(attempt, { baseMs: 50, maxMs: 250 }));
    }
  }

  private async blockOf(publications: readonly Publication[]): Promise<RecordBlock> {
    const block = new RecordBlock();
    for (const { topic, records } of publications) {
      const { topicId, partitions } = await this.places.get(topic);
      for (const { key: text, headers, value } of records) {
        const key = Buffer.from(text);
        block.add(topicId, partitionOf(key, partitions), { key, headers, value });
      }
    }
    return block;
  }
}
