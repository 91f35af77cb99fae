import { type Pool } from 'pg';

/** Changes of the bus's tables, in order; the count of those applied is the version. Never edit one that was released. */
const MIGRATIONS = [
  `CREATE TABLE bus_identity (
     bus_id uuid NOT NULL DEFAULT gen_random_uuid(),
     is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only)
   );
   INSERT INTO bus_identity DEFAULT VALUES;

   -- A topic that is made anew gets another id: its records and offsets are never mixed with the earlier ones.
   CREATE TABLE bus_topic_ids (
     topic_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     topic text NOT NULL UNIQUE
   );
   CREATE TABLE bus_partitions (
     topic_id int NOT NULL REFERENCES bus_topic_ids ON DELETE CASCADE,
     partition int NOT NULL,
     next_offset bigint NOT NULL DEFAULT 0,
     PRIMARY KEY (topic_id, partition)
   ) WITH (fillfactor = 50);
   CREATE TABLE bus_records (
     topic_id int NOT NULL,
     partition int NOT NULL,
     record_offset bigint NOT NULL,
     published_ms bigint NOT NULL,
     key bytea,
     headers bytea NOT NULL,
     value bytea
   ) PARTITION BY RANGE (published_ms);
   -- Values are rarely worth the time that PostgreSQL would take to compress them.
   ALTER TABLE bus_records ALTER COLUMN value SET STORAGE EXTERNAL;
   CREATE INDEX bus_records_place ON bus_records (topic_id, partition, record_offset);

   CREATE TABLE bus_offsets (
     group_name text NOT NULL,
     topic_id int NOT NULL REFERENCES bus_topic_ids ON DELETE CASCADE,
     partition int NOT NULL,
     next_offset bigint NOT NULL,
     PRIMARY KEY (group_name, topic_id, partition)
   ) WITH (fillfactor = 50);
   CREATE TABLE bus_leases (
     group_name text NOT NULL,
     topic text NOT NULL,
     owner uuid NOT NULL,
     epoch bigint NOT NULL,
     session text,
     lease_until timestamptz NOT NULL,
     PRIMARY KEY (group_name, topic)
   ) WITH (fillfactor = 50);`,
];

/** Brings the tables up to date; several processes may start at once. */
export async function migrate(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('parley embedded bus schema'))`);
    await client.query('CREATE TABLE IF NOT EXISTS bus_version (version int NOT NULL)');
    const { rows } = await client.query<{ version: number }>('SELECT version FROM bus_version');
    for (const migration of MIGRATIONS.slice(rows[0]?.version ?? 0)) await client.query(migration);
    await client.query('DELETE FROM bus_version');
    await client.query('INSERT INTO bus_version VALUES ($1)', [MIGRATIONS.length]);
    await client.query('COMMIT');
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}
