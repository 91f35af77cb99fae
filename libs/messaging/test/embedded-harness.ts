import { createTestDatabase } from '@parley/testing';
import pg from 'pg';
import { openEmbeddedBus } from '../src/index.js';
import { type BusHarness, type ForeignRecord } from './contract/harness.js';

const CUT_FOR_SECONDS = 1;

/** The embedded bus in a database of its own, with quick timing. */
export async function startEmbeddedHarness(): Promise<BusHarness & { url: string; pool: pg.Pool }> {
  const database = await createTestDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on('error', () => undefined);
  const publishForeign = (topic: string, records: readonly ForeignRecord[]) =>
    insertForeign(pool, topic, records);
  return {
    ...{ url: database.url, pool, publishForeign, publishCompressed: publishForeign },
    open: (hooks) =>
      openEmbeddedBus({
        ...{ url: database.url, leaseMs: 1_500, pollMs: 200, backoff: () => 5 },
        ...hooks,
      }),
    deleteTopic: async (topic) => {
      await pool.query(
        `WITH gone AS (DELETE FROM bus_topic_ids WHERE topic = $1 RETURNING topic_id)
         DELETE FROM bus_records USING gone WHERE bus_records.topic_id = gone.topic_id`,
        [topic],
      );
    },
    dropRecords: async (topic, offset) => {
      await pool.query(
        `DELETE FROM bus_records USING bus_topic_ids i
          WHERE bus_records.topic_id = i.topic_id AND topic = $1 AND partition = 0 AND record_offset < $2`,
        [topic, offset],
      );
    },
    interrupt: () => interrupt(pool, new URL(database.url).pathname.slice(1)),
    close: async () => {
      await pool.end();
      await database.drop();
    },
  };
}

/** For a while no connection to the database lives, as when its server starts anew. */
async function interrupt(pool: pg.Pool, database: string): Promise<void> {
  await pool.query(
    `DO $$ DECLARE until timestamptz := clock_timestamp() + interval '${CUT_FOR_SECONDS} s';
     BEGIN
       WHILE clock_timestamp() < until LOOP
         PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = '${database}' AND pid <> pg_backend_pid();
         PERFORM pg_stat_clear_snapshot();
         PERFORM pg_sleep(0.01);
       END LOOP;
     END $$`,
  );
}

async function insertForeign(
  pool: pg.Pool,
  topic: string,
  records: readonly ForeignRecord[],
): Promise<void> {
  for (const { key, value, headers } of records) {
    await pool.query(
      `WITH place AS (
         UPDATE bus_partitions SET next_offset = next_offset + 1
          WHERE partition = 0 AND topic_id = (SELECT topic_id FROM bus_topic_ids WHERE topic = $1)
         RETURNING topic_id, next_offset - 1 AS record_offset)
       INSERT INTO bus_records (topic_id, partition, record_offset, published_ms, key, headers, value)
       SELECT topic_id, 0, record_offset, extract(epoch FROM now())::bigint * 1000, $2, $3, $4 FROM place`,
      [topic, key, headerBytes(headers ?? {}), value],
    );
  }
}

function headerBytes(headers: Readonly<Record<string, Buffer>>): Buffer {
  const sized = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const parts = Object.entries(headers).flatMap(([name, value]) => [Buffer.from(name), value]);
  return Buffer.concat(parts.map(sized));
}
