import { Controller, Delete, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type JsonObject } from '@parley/contracts';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Scopes } from '../auth/access.guard.js';
import { callerOf } from '../auth/caller.js';
import { send } from '../uploads/answer.js';
import { checkLetterId, deadLettersRequestOf, noteOf } from './dead-letters-request.js';
import {
  DescribeDiscard,
  DescribeGet,
  DescribeList,
  DescribeRedrive,
  DescribeRedriveAll,
} from './dead-letters.openapi.js';
import { DeadLettersService } from './dead-letters.service.js';

/** What could not be applied. */
@ApiTags('dead letters')
@Controller('api/dead-letters')
@Scopes('admin')
export class DeadLettersController {
  constructor(private readonly letters: DeadLettersService) {}

  @Get()
  @DescribeList()
  listLetters(@Req() request: FastifyRequest, @Query() query: unknown): Promise<JsonObject> {
    return this.letters.listLetters(callerOf(request), deadLettersRequestOf(query));
  }

  @Get(':id')
  @DescribeGet()
  getLetter(@Req() request: FastifyRequest, @Param('id') id: string): Promise<JsonObject> {
    return this.letters.getLetter(callerOf(request), checkLetterId(id));
  }

  @Post('redrive')
  @DescribeRedriveAll()
  redriveLetters(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query() query: unknown,
  ): Promise<void> {
    return send(reply, this.letters.redriveLetters(callerOf(request), deadLettersRequestOf(query)));
  }

  @Post(':id/redrive')
  @DescribeRedrive()
  redriveLetter(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    return send(reply, this.letters.redriveLetter(callerOf(request), checkLetterId(id)));
  }

  @Delete(':id')
  @DescribeDiscard()
  discardLetter(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Query() query: unknown,
  ): Promise<JsonObject> {
    return this.letters.discardLetter(callerOf(request), checkLetterId(id), noteOf(query));
  }
}
