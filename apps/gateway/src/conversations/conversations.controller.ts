import { Controller, Delete, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type JsonObject } from '@parley/contracts';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Scopes } from '../auth/access.guard.js';
import { callerOf } from '../auth/caller.js';
import { readRequestOf } from '../history/history-request.js';
import { HistoryService } from '../history/history.service.js';
import { send } from '../uploads/answer.js';
import { uploadRequestOf } from '../uploads/upload-request.js';
import { Uploads } from '../uploads/uploads.service.js';
import { conversationUpload } from './conversation-upload.js';
import {
  DescribeDeletion,
  DescribeGet,
  DescribeList,
  DescribeUpload,
} from './conversations.openapi.js';
import { ConversationLists } from './conversation-lists.service.js';
import { ConversationsService } from './conversations.service.js';
import { agentOf, listRequestOf } from './list-request.js';

/** Conversations of the upload API: create or update, read back, list, delete. */
@ApiTags('conversations')
@Controller('api/conversations')
export class ConversationsController {
  constructor(
    private readonly uploads: Uploads,
    private readonly conversations: ConversationsService,
    private readonly lists: ConversationLists,
    private readonly history: HistoryService,
  ) {}

  @Post()
  @Scopes('ingest')
  @DescribeUpload()
  upload(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return send(reply, this.uploads.take(uploadRequestOf(request), conversationUpload));
  }

  @Get()
  @Scopes('read')
  @DescribeList()
  listConversations(@Req() request: FastifyRequest, @Query() query: unknown): Promise<JsonObject> {
    const wanted = listRequestOf(query);
    return this.lists.listConversations(callerOf(request), wanted, request.readAfter);
  }

  @Get(':conversation_id')
  @Scopes('read')
  @DescribeGet()
  getConversation(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('conversation_id') id: string,
    @Query() query: unknown,
  ): Promise<void> {
    const { agent, asOf } = readRequestOf(query);
    const caller = callerOf(request);
    const answer = asOf
      ? this.history.getConversation(caller, id, agent, asOf)
      : this.conversations.getConversation(caller, id, agent);
    return send(reply, answer);
  }

  @Delete(':conversation_id')
  @Scopes('ingest')
  @DescribeDeletion()
  async deleteConversation(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('conversation_id') id: string,
    @Query() query: unknown,
  ): Promise<void> {
    const answer = this.conversations.deleteConversation(
      uploadRequestOf(request),
      id,
      agentOf(query),
    );
    await send(reply, answer);
  }
}
