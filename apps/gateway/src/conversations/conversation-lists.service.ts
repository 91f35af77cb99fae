import { type JsonObject } from '@parley/contracts';
import { type Principal } from '@parley/tenancy';
import { Injectable } from '@nestjs/common';
import { type ReadAfter } from '../reading/read-after.js';
import { ConversationQueries, type ListedConversation } from './conversations.queries.js';
import { Cursors } from './cursors.js';
import { type ListRequest } from './list-request.js';
import { documentedSummary } from './renderings.js';
import { SearchService } from './search.service.js';

/** Lists conversations, all or those that a search finds, a page at a time. */
@Injectable()
export class ConversationLists {
  constructor(
    private readonly queries: ConversationQueries,
    private readonly cursors: Cursors,
    private readonly search: SearchService,
  ) {}

  async listConversations(
    { tenantId }: Principal,
    request: ListRequest,
    readAfter: ReadAfter,
  ): Promise<JsonObject> {
    const { filter, limit, cursor } = request;
    const scope = JSON.stringify([tenantId, Object.entries(filter).sort()]);
    const after = this.cursors.given(scope, 'cursor', cursor);
    const { q } = filter;
    const search = q === undefined ? null : await this.search.condition(tenantId, q, readAfter);
    const wanted = { filter, after, limit: limit + 1, search };
    const page = await this.queries.listConversations(tenantId, wanted);
    const rows = page.rows.slice(0, limit);
    const last = page.rows.length > limit ? rows.at(-1) : undefined;
    return {
      data: rows.map(listed),
      next_cursor: last ? this.cursors.seal(scope, [last.started_at, last.stream_id]) : null,
      as_of_position: page.as_of_position,
      ...(search && { search_as_of_position: page.search_as_of_position }),
    };
  }
}

function listed(conversation: ListedConversation): JsonObject {
  const { message_count, match_message_id = null, match_excerpt } = conversation;
  const match = { message_id: match_message_id, excerpt: match_excerpt };
  return {
    ...documentedSummary(conversation),
    message_count,
    ...(match_excerpt !== undefined && { match }),
  };
}
