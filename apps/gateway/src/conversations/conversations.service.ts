import { findConversation } from '@parley/domain';
import { type Principal } from '@parley/tenancy';
import { Injectable } from '@nestjs/common';
import { type ReadRequest } from '../history/history-request.js';
import { HistoryService } from '../history/history.service.js';
import { ReadAfterTokens } from '../reading/read-after-tokens.js';
import { accepted, acceptedReceipt, type Answer, singleHeaders } from '../uploads/answer.js';
import { Submissions } from '../uploads/submissions.service.js';
import { type UploadRequest } from '../uploads/upload-request.js';
import { ConversationQueries } from './conversations.queries.js';
import { AS_OF_HEADER, notFound, referenceTo } from './reference.js';
import { documentedConversation } from './renderings.js';

/** Reads a conversation back (D59) and asks for its deletion (D63). */
@Injectable()
export class ConversationsService {
  constructor(
    private readonly queries: ConversationQueries,
    private readonly submissions: Submissions,
    private readonly tokens: ReadAfterTokens,
    private readonly history: HistoryService,
  ) {}

  /** A conversation as it is, or as it was known at a moment. */
  async getConversation(
    caller: Principal,
    id: string,
    { agent, asOf }: ReadRequest,
  ): Promise<Answer> {
    if (asOf) return this.history.getConversation(caller, id, agent, asOf);
    const { tenantId } = caller;
    const reference = referenceTo(id, agent);
    const { rows, as_of_position } = await this.queries.listCandidates(tenantId, id, agent);
    const found = findConversation(rows, reference, 'http');
    if (!found) throw notFound('there is no conversation with this id', as_of_position);
    const headers = { [AS_OF_HEADER]: String(as_of_position) };
    return { status: 200, headers, body: documentedConversation(found) };
  }

  async deleteConversation(
    request: UploadRequest,
    id: string,
    agent: string | null,
  ): Promise<Answer> {
    const command = referenceTo(id, agent);
    const scope = await this.tokens.scopeOf(request.caller.tenantId);
    const submitted = await this.submissions.submit(request, { command, warnings: [] });
    const headers = singleHeaders(this.tokens, scope, submitted);
    if (request.isAsync) return accepted(submitted, headers);
    acceptedReceipt(submitted, ['path'], headers);
    return { status: 200, headers, body: { conversation_id: id, status: 'deleted' } };
  }
}
