import { type Pool, type PoolClient } from 'pg';

const DAYS_KEPT = 7;
const DAYS_AHEAD = 2;
const DAY_MS = 24 * 60 * 60 * 1000;
const PREFIX = 'bus_records_day_';

/** Makes the table partitions of the days to come and drops those older than seven days, by the database's clock. */
export async function keepRecordPartitions(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    // Readers and writers queue behind whoever waits for these locks: rather try again later.
    await client.query(`SET LOCAL lock_timeout = '2s'`);
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('parley embedded bus partitions'))`);
    await changePartitions(client);
    await client.query('COMMIT');
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function changePartitions(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ today: number; days: number[] }>(
    `SELECT floor(extract(epoch FROM clock_timestamp()) / 86400)::int AS today,
            ARRAY(SELECT substr(relname, length($1) + 1)::int FROM pg_class
                   WHERE oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'bus_records'::regclass)
                 ) AS days`,
    [PREFIX],
  );
  const { today, days } = rows[0]!;
  for (let day = today; day <= today + DAYS_AHEAD; day++) {
    if (days.includes(day)) continue;
    const [from, to] = [day * DAY_MS, (day + 1) * DAY_MS];
    await client.query(
      `CREATE TABLE ${PREFIX}${day} PARTITION OF bus_records FOR VALUES FROM (${from}) TO (${to})`,
    );
  }
  for (const day of days)
    if (day < today - DAYS_KEPT) await client.query(`DROP TABLE ${PREFIX}${day}`);
}
