import type pg from 'pg';

/** A message that the service said yes to: 200 once it is in the log, 202 once the bus has it. */
export interface Acknowledged {
  readonly conversation: string;
  readonly message: string;
}

/** What the log says of what was acknowledged. */
export interface Verdict {
  readonly acked: number;
  readonly lost: number;
  readonly dup: number;
  readonly outOfOrder: number;
}

/** Compares what was acknowledged with the whole log. */
export async function checkLog(pool: pg.Pool, acked: readonly Acknowledged[]): Promise<Verdict> {
  const recorded = await recordedMessages(pool);
  const places = new Map(recorded.map((name, place) => [name, place]));
  const lost = acked.filter((message) => !places.has(nameOf(message))).length;
  let outOfOrder = 0;
  for (const messages of Map.groupBy(acked, ({ conversation }) => conversation).values()) {
    const found = messages.flatMap((message) => places.get(nameOf(message)) ?? []);
    outOfOrder += found.filter((place, index) => index > 0 && place < found[index - 1]!).length;
  }
  return { acked: acked.length, lost, dup: recorded.length - places.size, outOfOrder };
}

/** As a line: `acked N, lost 0, dup 0, out of order 0`. */
export function asLine({ acked, lost, dup, outOfOrder }: Verdict): string {
  return `acked ${acked}, lost ${lost}, dup ${dup}, out of order ${outOfOrder}`;
}

/** The messages in the order of the log, a repeated one as often as it stands there. */
async function recordedMessages(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(`
    SELECT opened.body ->> 'conversation_id' || '/' || (message.body -> 'message' ->> 'message_id') AS name
      FROM (SELECT position, stream_id, convert_from(body, 'UTF8')::json AS body
              FROM conversation_events JOIN event_payloads USING (position)
             WHERE type IN ('MessageRecorded', 'MessageRevised')) AS message
      JOIN (SELECT stream_id, convert_from(body, 'UTF8')::json AS body
              FROM conversation_events JOIN event_payloads USING (position)
             WHERE type = 'ConversationOpened') AS opened USING (stream_id)
     ORDER BY message.position`);
  return rows.map(({ name }) => name);
}

function nameOf({ conversation, message }: Acknowledged): string {
  return `${conversation}/${message}`;
}
