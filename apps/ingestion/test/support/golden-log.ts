import { type ActiveSchema } from '@parley/event-store';
import type pg from 'pg';

/**
 * A log as a release has written it, and the read models that it derived from it, every column as text. One is kept
 * for every release that changed events or read models: whatever comes later must read it and derive the same.
 */
export interface GoldenLog {
  /** Of the read models. */
  readonly version: number;
  readonly log_id: string;
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly read_models: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}

type Rows = { readonly rows: readonly { readonly found: GoldenLog['events'] | null }[] };

const EVENTS = `SELECT json_agg(e ORDER BY position) AS found FROM (
  SELECT position, stream_id, stream_version, type, occurred_at, recorded_at, payload_digest, hash,
    subject, salt, convert_from(body, 'UTF8') AS body, content_hash, convert_from(source, 'UTF8') AS source
  FROM conversation_events LEFT JOIN event_payloads USING (position)) e`;

const HEADERS = `INSERT INTO conversation_events
  SELECT position, stream_id, stream_version, type, occurred_at, recorded_at, payload_digest, hash
  FROM json_populate_recordset(NULL::conversation_events, $1)`;

const PAYLOADS = `INSERT INTO event_payloads
  SELECT position, subject, salt, convert_to(body, 'UTF8'), content_hash, convert_to(source, 'UTF8')
  FROM json_to_recordset($1) AS p (position bigint, subject uuid, salt bytea, body text, content_hash bytea, source text)
  WHERE subject IS NOT NULL`;

/** The log of a tenant's database, whose sessions are in UTC, and the read models in a schema of it. */
export async function dumpLog(db: pg.Pool, { name, version }: ActiveSchema): Promise<GoldenLog> {
  const { rows } = await db.query<{ log_id: string }>('SELECT log_id FROM log_identity');
  const found = async (sql: string) => ((await db.query(sql)) as Rows).rows[0]?.found ?? [];
  const all = (table: string) =>
    found(`SELECT json_agg(texts ORDER BY texts::text) AS found FROM ${name}.${table} t, LATERAL (
      SELECT json_object_agg(key, value ORDER BY key) AS texts FROM json_each_text(row_to_json(t))) columns`);
  return {
    version,
    log_id: rows[0]?.log_id ?? '',
    events: await found(EVENTS),
    read_models: {
      conversations: await all('conversations'),
      messages: await all('messages'),
      deleted_identities: await all('deleted_identities'),
    },
  };
}

/** Puts the log, byte for byte, into an empty database that was migrated; `db` is the superuser. */
export async function writeLog(db: pg.Pool, { log_id, events }: GoldenLog): Promise<void> {
  await db.query('UPDATE log_identity SET log_id = $1', [log_id]);
  await db.query(HEADERS, [JSON.stringify(events)]);
  await db.query(PAYLOADS, [JSON.stringify(events)]);
}
