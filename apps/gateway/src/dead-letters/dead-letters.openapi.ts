import { applyDecorators } from '@nestjs/common';
import { ApiParam, ApiQuery } from '@nestjs/swagger';
import { DOORS, REASON_CODES } from '@parley/contracts';
import { Describe, schema } from '../openapi/describe.js';

const TIME = { type: 'string', format: 'date-time' };
const TEXT = { type: 'string', nullable: true };
const NUMBER = { type: 'integer', nullable: true };

const SUMMARY = {
  id: { type: 'string', format: 'uuid' },
  door: { type: 'string', enum: DOORS },
  reason: { type: 'string', enum: REASON_CODES },
  detail: { type: 'string', description: 'The reason in words; no content' },
  attempts: { type: 'integer' },
  arrived_at: TIME,
  last_failed_at: TIME,
  agent: TEXT,
  conversation_id: TEXT,
  message_id: TEXT,
  topic: TEXT,
  partition: NUMBER,
  offset: NUMBER,
  bytes: { type: 'integer' },
  can_redrive: { type: 'boolean' },
};

const LIST = schema({
  type: 'object',
  properties: {
    dead_letters: { type: 'array', items: { type: 'object', properties: SUMMARY } },
    next_after: { ...TEXT, description: 'Go on with this `after`; null at the end' },
  },
});

const LETTER = schema({
  type: 'object',
  properties: {
    ...SUMMARY,
    headers: { type: 'object', nullable: true },
    key: TEXT,
    value: { ...TEXT, description: 'What is kept of the record, where it is text' },
    value_base64: { ...TEXT, description: 'The same, byte for byte' },
  },
});

const REDRIVEN = schema({ type: 'object', properties: { redriven: { type: 'integer' } } });

const ID = ApiParam({ name: 'id', description: 'Of the dead letter' });
const GONE = { 404: 'There is no such dead letter, or it is gone' };

const FILTER = (): MethodDecorator =>
  applyDecorators(
    ApiQuery({ name: 'reason', required: false, description: 'One reason alone' }),
    ApiQuery({ name: 'door', required: false, description: 'One door alone' }),
    ApiQuery({ name: 'after', required: false, description: '`next_after` of the last page' }),
    ApiQuery({ name: 'limit', required: false, description: '1 to 500, 50 if not given' }),
  );

/** GET /api/dead-letters */
export const DescribeList = (): MethodDecorator =>
  applyDecorators(
    FILTER(),
    Describe({
      summary: 'List what could not be applied, the newest first',
      answer: { description: 'Dead letters without their bytes', schema: LIST },
    }),
  );

/** GET /api/dead-letters/{id} */
export const DescribeGet = (): MethodDecorator =>
  applyDecorators(
    ID,
    Describe({
      summary: 'Show a dead letter with its bytes',
      answer: { description: 'The dead letter', schema: LETTER },
      errors: GONE,
    }),
  );

/** POST /api/dead-letters/redrive */
export const DescribeRedriveAll = (): MethodDecorator =>
  applyDecorators(
    FILTER(),
    Describe({
      summary: 'Try many dead letters again',
      status: 202,
      answer: { description: 'How many are tried', schema: REDRIVEN },
    }),
  );

/** POST /api/dead-letters/{id}/redrive */
export const DescribeRedrive = (): MethodDecorator =>
  applyDecorators(
    ID,
    Describe({
      summary: 'Try a dead letter again',
      description:
        'Harmless when repeated. It counts as what it was at its first arrival: what came since is not overwritten. ' +
        'Where it works the letter is gone, else it has one attempt more, and its reason of today.',
      status: 202,
      answer: { description: 'It is tried', schema: REDRIVEN },
      errors: { ...GONE, 409: '`not_redrivable`: nothing is left that could be applied' },
    }),
  );

/** DELETE /api/dead-letters/{id} */
export const DescribeDiscard = (): MethodDecorator =>
  applyDecorators(
    ID,
    ApiQuery({ name: 'note', required: false, description: 'Why; kept with who did it' }),
    Describe({
      summary: 'Take a dead letter away for good',
      answer: {
        description: 'It is gone; who did it is recorded',
        schema: schema({
          type: 'object',
          properties: { id: { type: 'string' }, discarded: { type: 'boolean' } },
        }),
      },
      errors: GONE,
    }),
  );
