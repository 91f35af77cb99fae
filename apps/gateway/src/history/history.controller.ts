import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Scopes } from '../auth/access.guard.js';
import { callerOf } from '../auth/caller.js';
import { send } from '../uploads/answer.js';
import { diffRequestOf } from './history-request.js';
import { DescribeDiff } from './history.openapi.js';
import { HistoryService } from './history.service.js';

/** What became of a conversation, and by which event. */
@ApiTags('conversations')
@Controller('api/conversations')
export class HistoryController {
  constructor(private readonly history: HistoryService) {}

  @Get(':conversation_id/diff')
  @Scopes('read')
  @DescribeDiff()
  listChanges(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('conversation_id') id: string,
    @Query() query: unknown,
  ): Promise<void> {
    return send(reply, this.history.listChanges(callerOf(request), id, diffRequestOf(query)));
  }
}
