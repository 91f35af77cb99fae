import { Controller, Delete, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type JsonObject } from '@parley/contracts';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Scopes } from '../auth/access.guard.js';
import { callerOf } from '../auth/caller.js';
import { readRequestOf } from '../history/history-request.js';
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
    const { readAfter } = request;
    return this.lists.listConversations(callerOf(request), listRequestOf(query), readAfter);
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
    const caller = callerOf(request);
    return send(reply, this.conversations.getConversation(caller, id, readRequestOf(query)));
  }

  @Delete(':conversation_id')
  @Scopes('ingest')
  @DescribeDeletion()
  deleteConversation(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('conversation_id') id: string,
    @Query() query: unknown,
  ): Promise<void> {
    const sent = uploadRequestOf(request);
    return send(reply, this.conversations.deleteConversation(sent, id, agentOf(query)));
  }
}
