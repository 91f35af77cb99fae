import { Controller, Delete, Get, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type JsonObject } from '@parley/contracts';
import { type FastifyRequest } from 'fastify';
import { Scopes } from '../auth/access.guard.js';
import { callerOf } from '../auth/caller.js';
import { keyRequestOf } from './key-request.js';
import { DescribeCreation, DescribeDeletion, DescribeList } from './keys.openapi.js';
import { KeysService } from './keys.service.js';

/** The account's own API keys. */
@ApiTags('keys')
@Controller('api/keys')
@Scopes('admin')
export class KeysController {
  constructor(private readonly keys: KeysService) {}

  @Post()
  @DescribeCreation()
  createKey(@Req() request: FastifyRequest): Promise<JsonObject> {
    return this.keys.createKey(callerOf(request), keyRequestOf(request.body));
  }

  @Get()
  @DescribeList()
  listKeys(@Req() request: FastifyRequest): Promise<JsonObject> {
    return this.keys.listKeys(callerOf(request));
  }

  @Delete(':id')
  @DescribeDeletion()
  deleteKey(@Req() request: FastifyRequest, @Param('id') id: string): Promise<JsonObject> {
    return this.keys.deleteKey(callerOf(request), id);
  }
}
