import { Controller, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Scopes } from '../auth/access.guard.js';
import { callerOf } from '../auth/caller.js';
import { Reads } from '../reading/read-after.interceptor.js';
import { RECONCILE_PATH } from './manifest-body.js';
import { DescribeReconciliation } from './reconciliation.openapi.js';
import { sendLines, unlistedOf } from './reconciliation-request.js';
import { ReconciliationService } from './reconciliation.service.js';

/** "Do you have all of it?" */
@ApiTags('reconciliation')
@Controller(RECONCILE_PATH)
export class ReconciliationController {
  constructor(private readonly reconciliation: ReconciliationService) {}

  @Post()
  @HttpCode(200)
  @Scopes('ingest', 'read')
  @Reads()
  @DescribeReconciliation()
  reconcile(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query() query: unknown,
  ): Promise<void> {
    const manifest = { body: request.body, unlisted: unlistedOf(query) };
    return sendLines(reply, this.reconciliation.reconcile(callerOf(request), manifest));
  }
}
