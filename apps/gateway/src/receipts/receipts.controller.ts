import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type JsonObject } from '@parley/contracts';
import { type FastifyRequest } from 'fastify';
import { Scopes } from '../auth/access.guard.js';
import { callerOf } from '../auth/caller.js';
import { DescribeReceipt, DescribeReceipts } from './receipts.openapi.js';
import { keyedReceiptsOf } from './receipts-request.js';
import { Receipts } from './receipts.service.js';

/** What became of a command, for 7 days. */
@ApiTags('receipts')
@Controller('api/ingest/receipts')
export class ReceiptsController {
  constructor(private readonly receipts: Receipts) {}

  @Get()
  @Scopes('ingest', 'read')
  @DescribeReceipts()
  listReceipts(@Req() request: FastifyRequest, @Query() query: unknown): Promise<JsonObject> {
    return this.receipts.listReceipts(callerOf(request), keyedReceiptsOf(query));
  }

  @Get(':receipt_id')
  @Scopes('ingest', 'read')
  @DescribeReceipt()
  getReceipt(@Req() request: FastifyRequest, @Param('receipt_id') id: string): Promise<JsonObject> {
    return this.receipts.getReceipt(callerOf(request), id);
  }
}
