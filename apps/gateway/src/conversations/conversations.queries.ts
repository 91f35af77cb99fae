import { type Candidate } from '@parley/domain';
import { ActiveReads, type RowsQuery } from '@parley/event-store';
import { TenantDatabases } from '@parley/tenancy';
import { Injectable } from '@nestjs/common';
import { type ConversationFilter } from './list-request.js';
import { type StoredHeader, type StoredMessage } from './renderings.js';

/** A conversation as the read models have it. */
export type StoredConversation = Candidate & StoredHeader;

/** A conversation in a list; `started_at` has microseconds and, with `stream_id`, is its place in the list. */
export interface ListedConversation extends StoredConversation {
  readonly stream_id: string;
  readonly started_at: string;
  readonly message_count: number;
}

/** A conversation with its messages in order. */
export type WholeConversation = StoredConversation & {
  readonly messages: readonly StoredMessage[];
};

/** What was found: `as_of_position` is how far the log had got when it was read. */
export interface Found<Row> {
  readonly rows: readonly Row[];
  readonly as_of_position: number;
}

const seconds = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

const HEADER = `c.conversation_id, c.agent_id, c.header, c.is_api_written, c.has_other_door,
  c.api_position::float8 AS api_position,
  ${seconds('c.created_at')} AS created_at, ${seconds('c.updated_at')} AS updated_at`;

const AS_OF =
  '(SELECT coalesce(max(position), 0)::float8 AS as_of_position FROM conversation_events) p';

// One statement, so that all of it is of one moment. D61 is the order.
const GET: RowsQuery = ({ name }) => `
SELECT p.as_of_position, found.* FROM ${AS_OF}
LEFT JOIN LATERAL (SELECT ${HEADER}, coalesce((
  SELECT json_agg(json_build_object('fields', m.fields, 'created_at', ${seconds('m.created_at')},
      'updated_at', ${seconds('m.updated_at')})
    ORDER BY m.sent_at, m.sent_nanos, m.ordinal, m.message_id COLLATE "C")
  FROM ${name}.messages m WHERE m.stream_id = c.stream_id), '[]') AS messages
FROM ${name}.conversations c
WHERE c.conversation_id = $1 AND ($2::text IS NULL OR c.agent_id = $2)) found ON true`;

const LIST: RowsQuery = ({ name }) => `
SELECT p.as_of_position, page.* FROM ${AS_OF}
LEFT JOIN LATERAL (
  SELECT ${HEADER}, c.stream_id, c.message_count,
    to_char(c.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS started_at
  FROM ${name}.conversations c
  WHERE ($1::text IS NULL OR c.agent_id = $1)
    AND ($2::text IS NULL OR c.conversation_id = $2)
    AND ($3::text IS NULL OR starts_with(c.conversation_id, $3))
    AND ($4::text IS NULL OR c.stream_id IN
      (SELECT m.stream_id FROM ${name}.messages m WHERE m.sender_id = $4))
    AND ($5::timestamptz IS NULL OR c.started_at >= $5)
    AND ($6::timestamptz IS NULL OR c.started_at < $6)
    AND ($7::timestamptz IS NULL OR (c.started_at, c.stream_id) < ($7, $8::uuid))
  ORDER BY c.started_at DESC, c.stream_id DESC
  LIMIT $9) page ON true`;

/** Reads the read models of a tenant, with rights to read only. */
@Injectable()
export class ConversationQueries {
  constructor(
    private readonly databases: TenantDatabases,
    private readonly reads: ActiveReads,
  ) {}

  /** Every conversation with this id, whatever its agent, or that of one agent, each with its messages in order. */
  async listCandidates(
    tenant: string,
    conversationId: string,
    agentId: string | null,
  ): Promise<Found<WholeConversation>> {
    const pool = await this.databases.pool(tenant, 'reader');
    const values = [conversationId, agentId];
    return found(await this.reads.query<AsOf<WholeConversation>>(pool, GET, values));
  }

  /** A page of conversations, newest first; `after` is the place in the list of the last one seen. */
  async listConversations(
    tenant: string,
    filter: ConversationFilter,
    after: readonly string[] | null,
    limit: number,
  ): Promise<Found<ListedConversation>> {
    const pool = await this.databases.pool(tenant, 'reader');
    const { agent, conversation_id, conversation_id_prefix, sender_id, from, to } = filter;
    const rows = await this.reads.query<AsOf<ListedConversation>>(pool, LIST, [
      agent,
      conversation_id,
      conversation_id_prefix,
      sender_id,
      from,
      to,
      after?.[0],
      after?.[1],
      limit,
    ]);
    return found(rows);
  }
}

type AsOf<Row> = Row & { readonly as_of_position: number };

/** The outer join answers one empty row where there is none. */
function found<Row extends StoredConversation>(rows: readonly AsOf<Row>[]): Found<Row> {
  return {
    as_of_position: rows[0]?.as_of_position ?? 0,
    rows: rows.filter(({ conversation_id }) => conversation_id !== null),
  };
}
