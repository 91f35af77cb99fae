import { Controller, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Scopes } from '../auth/access.guard.js';
import { callerOf } from '../auth/caller.js';
import { singleValues } from '../conversations/list-request.js';
import { invalid } from '../errors/http-problem.js';
import { bePatientWith } from '../http/patience.js';
import { Reads } from '../reading/read-after.interceptor.js';
import { LINES_TYPE, RECONCILE_PATH } from './manifest-body.js';
import { DescribeReconciliation } from './reconciliation.openapi.js';
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
  async reconcile(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query() query: unknown,
  ): Promise<void> {
    const isUnlistedAsked = unlistedOf(query);
    reply.raw.once('close', bePatientWith(request.raw.socket));
    const { tenantId } = callerOf(request);
    const answer = await this.reconciliation.reconcile(tenantId, request.body, isUnlistedAsked);
    reply.header('Content-Type', LINES_TYPE).send(answer);
  }
}

function unlistedOf(query: unknown): boolean {
  const { values, refused } = singleValues(query, new Set(['unlisted']));
  const value = values.get('unlisted') ?? 'false';
  if (refused.length > 0) throw invalid(...refused);
  if (value === 'true' || value === 'false') return value === 'true';
  throw invalid({ loc: ['query', 'unlisted'], msg: 'true or false', type: 'wrong_type' });
}
