import { Controller, Get, HttpCode, Post, Put, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type JsonObject } from '@parley/contracts';
import { type FastifyRequest } from 'fastify';
import { Scopes } from '../auth/access.guard.js';
import { callerOf } from '../auth/caller.js';
import { policyOf, recordOf } from './redaction-request.js';
import { DescribeChange, DescribeGet, DescribeTest } from './redaction.openapi.js';
import { RedactionService } from './redaction.service.js';

/** What an account does not want kept. */
@ApiTags('redaction')
@Controller('api/redaction')
@Scopes('admin')
export class RedactionController {
  constructor(private readonly redaction: RedactionService) {}

  @Get()
  @DescribeGet()
  getPolicy(@Req() request: FastifyRequest): Promise<JsonObject> {
    return this.redaction.getPolicy(callerOf(request));
  }

  @Put()
  @DescribeChange()
  setPolicy(@Req() request: FastifyRequest): Promise<JsonObject> {
    return this.redaction.setPolicy(callerOf(request), policyOf(request.body));
  }

  @Post('test')
  @HttpCode(200)
  @DescribeTest()
  tryRecord(@Req() request: FastifyRequest): Promise<JsonObject> {
    return this.redaction.tryRecord(callerOf(request), recordOf(request.body));
  }
}
