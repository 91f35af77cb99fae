import { checkId, type DeleteConversation, type JsonObject } from '@parley/contracts';
import { findConversation } from '@parley/domain';
import { type Principal } from '@parley/tenancy';
import { Injectable } from '@nestjs/common';
import { details, invalid, problem } from '../errors/http-problem.js';
import { acceptedReceipt, type Answer, receiptPath } from '../uploads/answer.js';
import { Submissions } from '../uploads/submissions.service.js';
import { type UploadRequest } from '../uploads/upload-request.js';
import {
  ConversationQueries,
  type ListedConversation,
  type StoredConversation,
} from './conversations.queries.js';
import { Cursors } from './cursors.js';
import { type ListRequest } from './list-request.js';
import { documentedHeader, documentedMessage } from './renderings.js';

/** Reads conversations back (D59) and asks for their deletion (D63). */
@Injectable()
export class ConversationsService {
  constructor(
    private readonly queries: ConversationQueries,
    private readonly cursors: Cursors,
    private readonly submissions: Submissions,
  ) {}

  async getConversation(caller: Principal, id: string, agent: string | null): Promise<JsonObject> {
    checkPathId(id);
    const candidates = await this.queries.listCandidates(caller.tenantId, id, agent);
    const found = findConversation(candidates, referenceTo(id, agent), 'http');
    if (!found)
      throw problem(404, 'conversation_not_found', 'there is no conversation with this id');
    const messages = found.messages.map(({ fields, created_at, updated_at }) => ({
      ...documentedMessage(id, undefined, fields),
      created_at,
      updated_at,
    }));
    return { ...headerOf(found), messages };
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
    checkPathId(id);
    const command = referenceTo(id, agent);
    const submitted = await this.submissions.submit(request, { command, warnings: [] });
    const headers = { 'Parley-Receipt': submitted.commandId };
    if (request.isAsync) {
      const location = { Location: receiptPath(submitted.commandId) };
      return { status: 202, headers: { ...headers, ...location }, body: { status: 'accepted' } };
    }
    acceptedReceipt(submitted, ['path']);
    return { status: 200, headers, body: { conversation_id: id, status: 'deleted' } };
  }
}

function checkPathId(id: string): void {
  const found = checkId(id, ['conversation_id']);
  if (found) throw invalid(...details([found], ['path']));
}

/** Reads and deletions mean the same conversation (D7), so they name it alike. */
function referenceTo(conversation_id: string, agent: string | null): DeleteConversation {
  return {
    type: 'DeleteConversation',
    data: agent === null ? { conversation_id } : { conversation_id, agent_id: agent },
  };
}

function headerOf(conversation: StoredConversation): JsonObject {
  const { conversation_id, agent_id, header, created_at, updated_at } = conversation;
  return { ...documentedHeader(conversation_id, agent_id, header), created_at, updated_at };
}

function listed(conversation: ListedConversation): JsonObject {
  return { ...headerOf(conversation), message_count: conversation.message_count };
}
