import { applyDecorators } from '@nestjs/common';
import { ApiParam, ApiQuery } from '@nestjs/swagger';
import { Describe, schema } from '../openapi/describe.js';

const RECEIPT = {
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
      answer: { description: 'The receipt, kept 7 days', schema: schema(RECEIPT) },
      errors: { 404: 'There is no such receipt, or it is not decided yet' },
    }),
  );

/** GET /api/ingest/receipts */
export const DescribeReceipts = (): MethodDecorator =>
  applyDecorators(
    ApiQuery({ name: 'idempotency_key', description: 'The `Idempotency-Key` of an upload' }),
    ApiQuery({ name: 'path', description: 'Where it went, as `/api/messages`' }),
    Describe({
      summary: 'What became of all that came under an Idempotency-Key',
      answer: {
        description: 'The receipts there are, in the order of the items; kept 7 days',
        schema: schema({
          type: 'object',
          properties: {
            data: {
              type: 'array',
              items: {
                type: 'object',
                properties: {
                  item: { type: 'integer', description: 'Place in the batch, from 0' },
                  ...RECEIPT.properties,
                },
              },
            },
          },
        }),
      },
    }),
  );
