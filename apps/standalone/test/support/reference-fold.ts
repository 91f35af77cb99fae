import type pg from 'pg';

/** An event as it stands in the log. */
export interface LoggedEvent {
  readonly position: number;
  readonly type: string;
  /** Microseconds since 1970. */
  readonly recordedAt: number;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Message {
  readonly fields: Record<string, unknown> & { message_id: string; timestamp: string };
  readonly ordinal: number;
  readonly created: number;
  readonly updated: number;
}

interface Known {
  readonly agent: unknown;
  readonly header: Record<string, unknown>;
  readonly created: number;
  readonly updated: number;
  readonly messages: ReadonlyMap<string, Message>;
}

/** The events of the stream that was opened under this id, read by plain SQL. */
export async function eventsOf(pool: pg.Pool, conversationId: string): Promise<LoggedEvent[]> {
  const { rows } = await pool.query<LoggedEvent & { position: string; recordedAt: string }>(
    `WITH events AS (
       SELECT position, stream_id, type, convert_from(body, 'UTF8')::json AS data,
         (extract(epoch FROM recorded_at) * 1000000)::bigint AS "recordedAt"
       FROM conversation_events JOIN event_payloads USING (position))
     SELECT * FROM events WHERE stream_id IN (SELECT stream_id FROM events
       WHERE type = 'ConversationOpened' AND data ->> 'conversation_id' = $1) ORDER BY position`,
    [conversationId],
  );
  return rows.map((row) => ({
    ...row,
    position: Number(row.position),
    recordedAt: Number(row.recordedAt),
  }));
}

/** What the API answers of a conversation with these events: the rules once more, by hand and without the product. */
export function referenceFold(conversationId: string, events: readonly LoggedEvent[]): object {
  const known = events.reduce<Known | null>(evolve, null);
  if (!known) throw new Error('nothing is known of it');
  const { agent, header, messages, ...times } = known;
  return {
    ...{ conversation_id: conversationId, agent, ...header, ...shown(times) },
    messages: [...messages.values()].toSorted(inOrder).map(({ fields, ...message }) => ({
      ...{ conversation_id: conversationId, ...fields, ...shown(message) },
    })),
  };
}

function evolve(known: Known | null, { type, data, recordedAt }: LoggedEvent): Known {
  const before = known ?? { agent: null, header: {}, created: recordedAt, messages: new Map() };
  const now: Known = { ...before, updated: recordedAt };
  if (type === 'ConversationSuperseded' || type === 'MessageSuperseded') return now;
  if (type === 'RecordConfirmed') return { ...now, messages: confirmed(now, data, recordedAt) };
  if (type.startsWith('Conversation')) {
    const agent = data['agent_id'] ?? now.agent;
    return { ...now, agent, header: data['header'] as Known['header'] };
  }
  const fields = data['message'] as Message['fields'];
  const created = now.messages.get(fields.message_id)?.created ?? recordedAt;
  const message = { fields, ordinal: data['ordinal'] as number, created, updated: recordedAt };
  return { ...now, messages: new Map([...now.messages, [fields.message_id, message]]) };
}

function confirmed(known: Known, data: LoggedEvent['data'], updated: number) {
  const messages = new Map(known.messages);
  for (const { message_id, ordinal } of data['messages'] as {
    message_id: string;
    ordinal: number;
  }[])
    messages.set(message_id, { ...messages.get(message_id)!, ordinal, updated });
  return messages;
}

function shown({ created, updated }: { readonly created: number; readonly updated: number }) {
  const text = (micros: number) => new Date(micros / 1000).toISOString().replace(/\.\d+/, '');
  return { created_at: text(created), updated_at: text(updated) };
}

function inOrder(a: Message, b: Message): number {
  const [left, right] = [nanos(a.fields.timestamp), nanos(b.fields.timestamp)];
  if (left !== right) return left < right ? -1 : 1;
  return a.ordinal - b.ordinal || (a.fields.message_id < b.fields.message_id ? -1 : 1);
}

function nanos(timestamp: string): bigint {
  const fraction = /\.(\d+)/.exec(timestamp)?.[1] ?? '';
  const seconds = Date.parse(timestamp.replace(/\.\d+/, '')) / 1000;
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}
