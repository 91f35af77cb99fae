import { type SqlRunner } from '../rows/read-model-schema.js';

/**
 * The schema of the search index that this release fills and reads, and the name of its follower of the log. What is
 * indexed in another way gets another number, and is built beside the one that other releases still use.
 */
export const SEARCH_SCHEMA = 'search_1';

/** What a rebuild fills, until it takes the place of the other. */
export const REBUILT_SEARCH_SCHEMA = `${SEARCH_SCHEMA}_rebuilt`;

/** The condition for followers of the log that fill a search index: the schema has the same name. */
export const SEARCH_FOLLOWERS = `starts_with(name, 'search_')`;

// Statistics are samples of values, and would outlive an erasure.
const tables = (schema: string): readonly string[] => [
  `CREATE TABLE ${schema}.texts (
    stream_id uuid NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    configuration text COLLATE "C" NOT NULL,
    words tsvector NOT NULL,
    letters text,
    PRIMARY KEY (stream_id, message_id))`,
  `ALTER TABLE ${schema}.texts
    ALTER message_id SET STATISTICS 0, ALTER words SET STATISTICS 0, ALTER letters SET STATISTICS 0`,
  `CREATE TABLE ${schema}.streams (
    stream_id uuid PRIMARY KEY,
    conversation_id text COLLATE "C" NOT NULL,
    stated text COLLATE "C",
    spoken text COLLATE "C") WITH (fillfactor = 80)`,
  `ALTER TABLE ${schema}.streams ALTER conversation_id SET STATISTICS 0`,
  `CREATE TABLE ${schema}.configurations (name text COLLATE "C" PRIMARY KEY)`,
];

/**
 * Makes the tables of a search index and its follower, at the beginning of the log, owned by `parley_owner`. For an
 * administrator, within a transaction.
 */
export async function createSearchTables(client: SqlRunner, schema: string): Promise<void> {
  await client.query(`CREATE SCHEMA ${schema} AUTHORIZATION parley_owner`);
  await client.query('SET LOCAL ROLE parley_owner');
  for (const sql of tables(schema)) await client.query(sql);
  await client.query(`INSERT INTO log_followers (name) VALUES ('${schema}')`);
  await client.query(`GRANT USAGE ON SCHEMA ${schema} TO parley_app, parley_reader`);
  await client.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO parley_reader`);
  await client.query(
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO parley_app`,
  );
  await client.query('RESET ROLE');
}

/** Makes what the texts are found by. For an administrator, within a transaction. */
export async function createSearchIndexes(client: SqlRunner, schema: string): Promise<void> {
  await client.query('SET LOCAL ROLE parley_owner');
  // What is not in order yet is cheap to add, and every search reads all of it.
  const pending = 'WITH (fastupdate = on, gin_pending_list_limit = 1024)';
  await client.query(`CREATE INDEX ON ${schema}.texts USING gin (words) ${pending}`);
  await client.query(
    `CREATE INDEX ON ${schema}.texts USING gin (letters search.gin_trgm_ops) ${pending} WHERE letters IS NOT NULL`,
  );
  await client.query('RESET ROLE');
}
