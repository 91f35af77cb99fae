import { findConversation } from '@parley/domain';
import { type Principal } from '@parley/tenancy';
import { Injectable } from '@nestjs/common';
import { ReadAfterTokens } from '../reading/read-after-tokens.js';
import { acceptedReceipt, type Answer, receiptPath, singleHeaders } from '../uploads/answer.js';
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
