import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type JsonObject } from '@parley/contracts';
import { type FastifyRequest } from 'fastify';
import { Scopes } from '../auth/access.guard.js';
import { callerOf } from '../auth/caller.js';
import { eventsRequestOf } from './events-request.js';
import { DescribeEvents } from './events.openapi.js';
import { EventsService } from './events.service.js';

/** The log, for those who pull. */
@ApiTags('events')
@Controller('api/events')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Get()
  @Scopes('read')
  @DescribeEvents()
  listEvents(@Req() request: FastifyRequest, @Query() query: unknown): Promise<JsonObject> {
    return this.events.listEvents(callerOf(request), eventsRequestOf(query));
  }
}
