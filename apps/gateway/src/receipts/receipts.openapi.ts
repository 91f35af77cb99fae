import { applyDecorators } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { Describe, type Schema } from '../openapi/describe.js';

const RECEIPT: Schema = {
  type: 'object',
  properties: {
    receipt_id: { type: 'string', format: 'uuid' },
    disposition: {
      type: 'string',
      enum: ['created', 'updated', 'identical', 'superseded', 'waiting', 'rejected'],
    },
    position: { type: 'integer', nullable: true, description: 'Its place in the log' },
    stream_version: { type: 'integer', nullable: true },
    content_hash: { type: 'string', nullable: true },
    warnings: { type: 'array', items: { type: 'string' } },
    masked: {
      type: 'array',
      items: { type: 'string' },
      description: 'What redaction masked: place and rule, as `messages[].content: email`',
    },
    problem: {
      type: 'object',
      nullable: true,
      properties: {
        code: { type: 'string' },
        place: { type: 'array', items: {} },
        detail: { type: 'string' },
      },
    },
    created_at: { type: 'string', nullable: true },
    decided_at: { type: 'string' },
  },
};

/** GET /api/ingest/receipts/{receipt_id} */
export const DescribeReceipt = (): MethodDecorator =>
  applyDecorators(
    ApiParam({ name: 'receipt_id', description: 'The header `Parley-Receipt` of an upload' }),
    Describe({
      summary: 'What became of an upload',
      answer: { description: 'The receipt, kept 7 days', schema: RECEIPT },
      errors: { 404: 'There is no such receipt, or it is not decided yet' },
    }),
  );
