import { CONVERSATION_EVENT_TYPES, type ConversationEvent } from '@parley/contracts';
import {
  ActiveReads,
  isReadable,
  type LogMoment,
  readHead,
  readMoment,
  readStream,
  refuseUnknown,
  type RowsQuery,
} from '@parley/event-store';
import { type Recorded } from '@parley/event-sourcing';
import { TenantDatabases } from '@parley/tenancy';
import { Injectable } from '@nestjs/common';
import { type Moment } from './moment.js';

/** A stream that has, or once had, an identity; `agent_id` is the agent it belongs to now. */
export interface StreamOf {
  readonly stream_id: string;
  readonly agent_id: string;
}

// A conversation keeps its conversation_id for life; its agent can change (D7).
const STREAMS: RowsQuery = ({ name }) => `
SELECT c.stream_id, c.agent_id FROM ${name}.conversations c
WHERE c.conversation_id = $1 AND ($2::text IS NULL OR c.agent_id = $2
  OR $2 IN (SELECT json_array_elements_text(c.former_agents)))`;

/** Reads the log of a tenant, with rights to read only. */
@Injectable()
export class HistoryQueries {
  constructor(
    private readonly databases: TenantDatabases,
    private readonly reads: ActiveReads,
  ) {}

  /** Where the log stood at a moment; at no moment in particular, where it stands. */
  async locate(tenant: string, moment: Moment | null): Promise<LogMoment> {
    const pool = await this.databases.pool(tenant, 'reader');
    if (moment && 'micros' in moment) return readMoment(pool, moment.micros);
    const head = await readHead(pool);
    const position = moment?.position ?? head;
    return { head, position, isAhead: position > head };
  }

  /** The conversations that are there now and have this id, and this agent now or had it before. */
  async listStreams(
    tenant: string,
    conversationId: string,
    agentId: string | null,
  ): Promise<readonly StreamOf[]> {
    const pool = await this.databases.pool(tenant, 'reader');
    return this.reads.query<StreamOf & object>(pool, STREAMS, [conversationId, agentId]);
  }

  /** The events of a stream up to a position, in order; null for one that was erased meanwhile. */
  async *readEvents(
    tenant: string,
    streamId: string,
    until: number,
  ): AsyncGenerator<Recorded<ConversationEvent> | null> {
    const pool = await this.databases.pool(tenant, 'reader');
    for await (const event of readStream(pool, streamId, until)) {
      refuseUnknown([event], CONVERSATION_EVENT_TYPES);
      yield isReadable(event) ? (event as unknown as Recorded<ConversationEvent>) : null;
    }
  }
}
