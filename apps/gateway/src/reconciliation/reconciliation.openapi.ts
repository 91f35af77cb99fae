import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiProduces, ApiQuery } from '@nestjs/swagger';
import { Describe, DescribeReadAfter, schema } from '../openapi/describe.js';
import { LINES_TYPE } from './manifest-body.js';

const LINE = schema({
  type: 'object',
  description: 'One of these a line',
  required: ['agent_id', 'conversation_id', 'sha256'],
  properties: {
    agent_id: { type: 'string' },
    conversation_id: { type: 'string' },
    message_id: { type: 'string', description: 'Without it: the header of the conversation' },
    sha256: { type: 'string', description: 'Of the canonical form of what was sent, hexadecimal' },
  },
});

const FINDING = {
  type: 'object',
  properties: {
    line: { type: 'integer', description: 'Counted from 1' },
    status: { type: 'string', enum: ['present', 'different', 'missing', 'invalid', 'unlisted'] },
    position: { type: 'integer', nullable: true, description: 'Of what is there' },
    stored_hash: { type: 'string', description: 'Where it is different or unlisted' },
    problem: {
      type: 'object',
      description: 'Where the line is invalid',
      properties: {
        code: { type: 'string' },
        place: { type: 'array', items: {} },
        detail: { type: 'string' },
      },
    },
  },
};

const COUNT = { type: 'integer' };
const SUMMARY = {
  type: 'object',
  properties: {
    present: COUNT,
    different: COUNT,
    missing: COUNT,
    invalid: COUNT,
    as_of_position: { type: 'integer', description: 'Each line was compared at this or later' },
  },
};

/** POST /api/ingest/reconcile */
export const DescribeReconciliation = (): MethodDecorator =>
  applyDecorators(
    DescribeReadAfter(),
    ApiConsumes(LINES_TYPE),
    ApiProduces(LINES_TYPE),
    ApiBody({ schema: LINE }),
    ApiQuery({
      name: 'unlisted',
      required: false,
      description:
        '`true`: name also the messages of these conversations that are not in the manifest',
    }),
    Describe({
      summary: 'Tell whether all that was sent is there',
      description: 'A manifest of up to 1,000,000 lines is compared record by record.',
      answer: {
        description: 'A line for each that came, in their order, and a summary as the last one',
        schema: schema({ oneOf: [FINDING, SUMMARY] }),
      },
      status: 200,
      errors: {
        408: 'The manifest stopped coming',
        413: 'More than 1,000,000 lines, or 1 GiB, or too much to say of them',
        415: 'The body is not plain application/x-ndjson',
      },
    }),
  );
