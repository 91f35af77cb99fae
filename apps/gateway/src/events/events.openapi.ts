import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { CONVERSATION_EVENT_TYPES } from '@parley/contracts';
import { Describe, DescribeReadAfter, schema } from '../openapi/describe.js';

const TIME = { type: 'string', format: 'date-time' };

const EVENT = {
  type: 'object',
  properties: {
    id: { type: 'string', format: 'uuid', description: 'The same for life' },
    position: { type: 'integer', description: 'Its place in the log: 1, 2, 3 … without gaps' },
    type: { type: 'string', enum: CONVERSATION_EVENT_TYPES },
    conversation_id: { type: 'string', nullable: true, description: 'null once it was deleted' },
    agent: { type: 'string', nullable: true, description: 'That it belongs to now' },
    stream_id: { type: 'string', format: 'uuid', description: 'The conversation, for life' },
    stream_version: { type: 'integer', description: 'Its place among those of the conversation' },
    occurred_at: { ...TIME, description: 'When it happened, as its sender says' },
    recorded_at: { ...TIME, description: 'When it became known here' },
    is_source: { type: 'boolean', description: 'false where it changed nothing that is served' },
    data: { type: 'object', nullable: true, description: 'null where it was erased' },
  },
};

const EVENTS = schema({
  type: 'object',
  properties: {
    events: { type: 'array', items: EVENT },
    next_after: { type: 'integer', description: 'Go on with this `after`' },
    has_more: { type: 'boolean' },
    as_of_position: { type: 'integer', description: 'How far the log had got' },
    log_epoch: { type: 'integer', description: 'Raised where the log is restored' },
  },
});

/** GET /api/events */
export const DescribeEvents = (): MethodDecorator =>
  applyDecorators(
    DescribeReadAfter(),
    ApiQuery({
      name: 'after',
      required: false,
      description: 'Events after this position; from the first if not given',
    }),
    ApiQuery({ name: 'limit', required: false, description: '1 to 1000, 100 if not given' }),
    ApiQuery({
      name: 'wait',
      required: false,
      description: 'Where there is none yet, wait for one: seconds, 0 to 30',
    }),
    ApiQuery({
      name: 'epoch',
      required: false,
      description: '`log_epoch` of the last answer: a log that was restored since is refused',
    }),
    Describe({
      summary: 'Follow the log: every event once, in order, without gaps',
      answer: { description: 'Events in their order; 4 MiB of data at most', schema: EVENTS },
      errors: { 409: '`log_epoch_changed`: the log was restored' },
    }),
  );
