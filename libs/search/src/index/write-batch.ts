import { type Queryable, readDeletedStreams } from '@parley/event-store';
import { type BatchFold, type IndexedText, type StreamState } from './batch-fold.js';

const STATES = (schema: string): string =>
  `SELECT stream_id, conversation_id, stated, spoken FROM ${schema}.streams WHERE stream_id = ANY($1::uuid[])`;

const REMEMBER = (schema: string): string =>
  `INSERT INTO ${schema}.streams (stream_id, conversation_id, stated, spoken)
   SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
   ON CONFLICT (stream_id) DO UPDATE SET stated = excluded.stated, spoken = excluded.spoken`;

const INDEX = (schema: string): string =>
  `INSERT INTO ${schema}.texts (stream_id, message_id, position, configuration, words, letters)
   SELECT t.stream_id, t.message_id, t.position, t.configuration,
     to_tsvector(('search.' || t.configuration)::regconfig, t.text),
     CASE WHEN t.by_letters THEN search.unaccent(t.text) END
   FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::boolean[])
     AS t (stream_id, message_id, position, configuration, text, by_letters)
   ON CONFLICT (stream_id, message_id) DO UPDATE SET position = excluded.position,
     configuration = excluded.configuration, words = excluded.words, letters = excluded.letters`;

const NAME = (schema: string): string =>
  `INSERT INTO ${schema}.configurations (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`;

/** What is remembered of these streams. */
export async function readStates(
  db: Queryable,
  schema: string,
  streams: ReadonlySet<string>,
): Promise<Map<string, StreamState>> {
  const { rows } = await db.query<StreamState>(STATES(schema), [[...streams]]);
  return new Map(rows.map((row) => [row.stream_id, row]));
}

/**
 * Writes what a batch has made of the texts. Within a transaction that has the row of the index's follower, which a
 * deletion waits for: what was read may have been erased since, and must not come back.
 */
export async function writeBatch(
  client: Queryable,
  schema: string,
  { texts, states, deleted }: BatchFold,
): Promise<void> {
  const touched = [...[...texts.values(), ...states].map(({ stream_id }) => stream_id)];
  const erased = await readDeletedStreams(client, touched);
  const kept = ({ stream_id }: { readonly stream_id: string }) => !erased.has(stream_id);
  await remove(client, schema, deleted);
  await remember(client, schema, states.filter(kept));
  await index(client, schema, [...texts.values()].filter(kept));
}

async function remove(
  client: Queryable,
  schema: string,
  streams: ReadonlySet<string>,
): Promise<void> {
  if (streams.size === 0) return;
  for (const table of ['texts', 'streams'])
    await client.query(`DELETE FROM ${schema}.${table} WHERE stream_id = ANY($1::uuid[])`, [
      [...streams],
    ]);
}

async function remember(
  client: Queryable,
  schema: string,
  states: readonly StreamState[],
): Promise<void> {
  if (states.length === 0) return;
  await client.query(REMEMBER(schema), [
    states.map((state) => state.stream_id),
    states.map((state) => state.conversation_id),
    states.map((state) => state.stated),
    states.map((state) => state.spoken),
  ]);
}

async function index(
  client: Queryable,
  schema: string,
  texts: readonly IndexedText[],
): Promise<void> {
  if (texts.length === 0) return;
  await client.query(NAME(schema), [[...new Set(texts.map((text) => text.configuration))]]);
  await client.query(INDEX(schema), [
    texts.map((text) => text.stream_id),
    texts.map((text) => text.message_id),
    texts.map((text) => text.position),
    texts.map((text) => text.configuration),
    texts.map((text) => text.text),
    texts.map((text) => text.byLetters),
  ]);
}
