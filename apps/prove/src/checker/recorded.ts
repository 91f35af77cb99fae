import type pg from 'pg';

/** A conversation or message as an event of the log has it. */
export interface Recorded {
  readonly conversation: string;
  /** Null for the conversation itself. */
  readonly message: string | null;
  readonly content: string;
  readonly position: number;
}

const EVENTS = `
  WITH events AS (
    SELECT position, stream_id, type, convert_from(body, 'UTF8')::json AS body
      FROM conversation_events JOIN event_payloads USING (position)),
  opened AS (
    SELECT stream_id, body ->> 'conversation_id' AS conversation FROM events WHERE type = 'ConversationOpened')
  SELECT conversation, body -> 'message' ->> 'message_id' AS message,
    coalesce(body -> 'message' ->> 'content', '') AS content, position::float8 AS position
    FROM events JOIN opened USING (stream_id)
   WHERE type IN ('ConversationOpened', 'MessageRecorded', 'MessageRevised')
   ORDER BY position`;

/** All that was recorded, in the order of the log, a repeated one as often as it stands there. */
export async function readRecorded(pool: pg.Pool): Promise<Recorded[]> {
  const { rows } = await pool.query<Recorded>(EVENTS);
  return rows;
}

/** What tells one conversation or message of a tenant from all others. */
export function identityOf({
  conversation,
  message,
}: Pick<Recorded, 'conversation' | 'message'>): string {
  return JSON.stringify([conversation, message]);
}
