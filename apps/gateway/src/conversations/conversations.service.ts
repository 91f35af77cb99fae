import { type JsonObject } from '@parley/contracts';
import { findConversation } from '@parley/domain';
import { type Principal } from '@parley/tenancy';
import { Injectable } from '@nestjs/common';
import { invalid } from '../errors/http-problem.js';
import { ReadAfterTokens } from '../reading/read-after-tokens.js';
import { acceptedReceipt, type Answer, receiptPath, singleHeaders } from '../uploads/answer.js';
import { Submissions } from '../uploads/submissions.service.js';
import { type UploadRequest } from '../uploads/upload-request.js';
import { ConversationQueries, type ListedConversation } from './conversations.queries.js';
import { Cursors } from './cursors.js';
import { type ListRequest } from './list-request.js';
import { AS_OF_HEADER, notFound, referenceTo } from './reference.js';
import { documentedConversation, documentedSummary } from './renderings.js';

/** Reads conversations back (D59) and asks for their deletion (D63). */
@Injectable()
export class ConversationsService {
  constructor(
    private readonly queries: ConversationQueries,
    private readonly cursors: Cursors,
    private readonly submissions: Submissions,
    private readonly tokens: ReadAfterTokens,
  ) {}

  async getConversation(
    { tenantId }: Principal,
    id: string,
    agent: string | null,
  ): Promise<Answer> {
    const reference = referenceTo(id, agent);
    const { rows, as_of_position } = await this.queries.listCandidates(tenantId, id, agent);
    const found = findConversation(rows, reference, 'http');
    if (!found) throw notFound('there is no conversation with this id', as_of_position);
    const headers = { [AS_OF_HEADER]: String(as_of_position) };
    return { status: 200, headers, body: documentedConversation(found) };
  }

  async listConversations({ tenantId }: Principal, request: ListRequest): Promise<JsonObject> {
    const { filter, limit, cursor } = request;
    const scope = JSON.stringify([tenantId, Object.entries(filter).sort()]);
    const after = cursor === null ? null : this.cursors.open(scope, cursor);
    if (cursor !== null && !after) {
      throw invalid({
        loc: ['query', 'cursor'],
        msg: 'not a cursor of this list',
        type: 'bad_cursor',
      });
    }
    const page = await this.queries.listConversations(tenantId, filter, after, limit + 1);
    const rows = page.rows.slice(0, limit);
    const last = page.rows.length > limit ? rows.at(-1) : undefined;
    return {
      data: rows.map(listed),
      next_cursor: last ? this.cursors.seal(scope, [last.started_at, last.stream_id]) : null,
      as_of_position: page.as_of_position,
    };
  }

  async deleteConversation(
    request: UploadRequest,
    id: string,
    agent: string | null,
  ): Promise<Answer> {
    const command = referenceTo(id, agent);
    const submitted = await this.submissions.submit(request, { command, warnings: [] });
    const headers = singleHeaders(this.tokens, request, submitted);
    if (request.isAsync) {
      const location = { Location: receiptPath(submitted.commandId) };
      return { status: 202, headers: { ...headers, ...location }, body: { status: 'accepted' } };
    }
    acceptedReceipt(submitted, ['path'], headers);
    return { status: 200, headers, body: { conversation_id: id, status: 'deleted' } };
  }
}

function listed(conversation: ListedConversation): JsonObject {
  return { ...documentedSummary(conversation), message_count: conversation.message_count };
}
