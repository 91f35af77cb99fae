import { Controller, Get, Param, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type JsonObject } from '@parley/contracts';
import { type FastifyRequest } from 'fastify';
import { Scopes } from '../auth/access.guard.js';
import { callerOf } from '../auth/caller.js';
import { DescribeReceipt } from './receipts.openapi.js';
import { Receipts } from './receipts.service.js';

/** What became of a command, for 7 days. */
@ApiTags('receipts')
@Controller('api/ingest/receipts')
export class ReceiptsController {
  constructor(private readonly receipts: Receipts) {}

  @Get(':receipt_id')
  @Scopes('ingest', 'read')
  @DescribeReceipt()
  getReceipt(@Req() request: FastifyRequest, @Param('receipt_id') id: string): Promise<JsonObject> {
    return this.receipts.getReceipt(callerOf(request), id);
  }
}
