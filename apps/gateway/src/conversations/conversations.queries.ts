import { type Candidate } from '@parley/domain';
import { ActiveReads, type RowsQuery } from '@parley/event-store';
import { TenantDatabases } from '@parley/tenancy';
import { Injectable } from '@nestjs/common';
import { type SearchCondition } from '@parley/search';
import { AS_OF, HEADER, timesOf } from './header-columns.js';
import { type ConversationFilter } from './list-request.js';
import { LIST, searchedList } from './list-statements.js';
import { type StoredHeader, type StoredMessage } from './renderings.js';

/** A conversation as the read models have it. */
export type StoredConversation = Candidate & StoredHeader;

/** A conversation in a list; `started_at` has microseconds and, with `stream_id`, is its place in the list. */
export interface ListedConversation extends StoredConversation {
  readonly stream_id: string;
  readonly started_at: string;
  readonly message_count: number;
  /** Of a search: the first message that fits, null where that is the header alone, and a part of its text. */
  readonly match_message_id?: string | null;
  readonly match_excerpt?: string;
}

/** A conversation with its messages in order. */
export type WholeConversation = StoredConversation & {
  readonly messages: readonly StoredMessage[];
};

/** What was found: `as_of_position` is how far the log had got when it was read. */
export interface Found<Row> {
  readonly rows: readonly Row[];
  readonly as_of_position: number;
  /** Of a search: how far the log is in the index. */
  readonly search_as_of_position?: number | undefined;
}

const [created, updated] = timesOf('m');

// One statement, so that all of it is of one moment. D61 is the order.
const GET: RowsQuery = ({ name }) => `
SELECT p.as_of_position, found.* FROM ${AS_OF}
LEFT JOIN LATERAL (SELECT ${HEADER}, coalesce((
  SELECT json_agg(json_build_object('fields', m.fields, 'created_at', ${created}, 'updated_at', ${updated})
    ORDER BY m.sent_at, m.sent_nanos, m.ordinal, m.message_id COLLATE "C")
  FROM ${name}.messages m WHERE m.stream_id = c.stream_id), '[]') AS messages
FROM ${name}.conversations c
WHERE c.conversation_id = $1 AND ($2::text IS NULL OR c.agent_id = $2)) found ON true`;

/** A page as asked for; `after` is the place in the list of the last conversation seen. */
export interface ListPage {
  readonly filter: ConversationFilter;
  readonly after: readonly string[] | null;
  readonly limit: number;
  readonly search: SearchCondition | null;
}

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

  /** A page of conversations, newest first. */
  async listConversations(
    tenant: string,
    { filter, after, limit, search }: ListPage,
  ): Promise<Found<ListedConversation>> {
    const pool = await this.databases.pool(tenant, 'reader');
    const { agent, conversation_id, conversation_id_prefix, sender_id, from, to } = filter;
    const narrowed = [agent, conversation_id, conversation_id_prefix, sender_id, from, to];
    const values = [...narrowed, after?.[0], after?.[1], limit];
    const query = search ? searchedList(search) : LIST;
    const rows = await this.reads.query<AsOf<ListedConversation>>(pool, query, [
      ...values,
      ...(search?.values ?? []),
    ]);
    return found(rows);
  }
}

type AsOf<Row> = Row & Omit<Found<Row>, 'rows'>;

/** The outer join answers one empty row where there is none. */
function found<Row extends StoredConversation>(rows: readonly AsOf<Row>[]): Found<Row> {
  return {
    as_of_position: rows[0]?.as_of_position ?? 0,
    search_as_of_position: rows[0]?.search_as_of_position,
    rows: rows.filter(({ conversation_id }) => conversation_id !== null),
  };
}
