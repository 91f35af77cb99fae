import { Controller, Get, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type FastifyRequest } from 'fastify';
import { Scopes } from '../auth/access.guard.js';
import { callerOf } from '../auth/caller.js';
import { DescribeFreshness } from './freshness.openapi.js';
import { FreshnessService, type OwnFreshness } from './freshness.service.js';

/** Whether what is not there yet is lost or late. */
@ApiTags('freshness')
@Controller('api/freshness')
export class FreshnessController {
  constructor(private readonly freshness: FreshnessService) {}

  @Get()
  @Scopes('read')
  @DescribeFreshness()
  getFreshness(@Req() request: FastifyRequest): Promise<OwnFreshness> {
    return this.freshness.getFreshness(callerOf(request));
  }
}
