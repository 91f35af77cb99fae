import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { DOORS } from '@parley/contracts';
import { CONVERSATION_AGENT, CONVERSATION_ID } from '../conversations/conversations.openapi.js';
import { Describe, DescribeReadAfter, schema } from '../openapi/describe.js';

const TIME = { type: 'string', format: 'date-time' };

const EVENT = {
  type: 'object',
  properties: {
    position: { type: 'integer', description: 'Its place in the log' },
    stream_version: { type: 'integer', description: 'Its place among those of the conversation' },
    type: { type: 'string', example: 'MessageRevised' },
    door: { type: 'string', enum: DOORS },
    occurred_at: { ...TIME, description: 'When it happened, as its sender says' },
    recorded_at: { ...TIME, description: 'When it became known here' },
    message_id: { type: 'string', nullable: true, description: 'null for the header' },
    changes: {
      type: 'array',
      description: 'What it changed of what is served; empty where that stayed as it was',
      items: {
        type: 'object',
        properties: {
          path: { type: 'array', items: { oneOf: [{ type: 'string' }, { type: 'integer' }] } },
          from: { description: 'Left out where there was nothing' },
          to: { description: 'Left out where there is nothing any more' },
        },
      },
    },
  },
};

const DIFF = schema({
  type: 'object',
  properties: {
    conversation_id: { type: 'string' },
    agent: { type: 'string' },
    from: { type: 'integer' },
    to: { type: 'integer' },
    events: { type: 'array', items: EVENT },
    next_from: { type: 'integer', nullable: true, description: 'Go on with this `from`' },
    as_of_position: { type: 'integer', description: 'How far the log had got' },
  },
});

const MOMENT = 'A position of the log, or RFC 3339';

/** GET /api/conversations/{conversation_id}/diff */
export const DescribeDiff = (): MethodDecorator =>
  applyDecorators(
    DescribeReadAfter(),
    CONVERSATION_ID,
    CONVERSATION_AGENT,
    ApiQuery({
      name: 'from',
      required: false,
      description: `${MOMENT}; events after it. From the first if not given`,
    }),
    ApiQuery({
      name: 'to',
      required: false,
      description: `${MOMENT}; events until then. To the last if not given`,
    }),
    ApiQuery({ name: 'limit', required: false, description: '1 to 1000, 500 if not given' }),
    Describe({
      summary: 'Tell which event changed what of a conversation',
      answer: {
        description: 'The events in their order, with what each changed; some 4 MiB at most',
        schema: DIFF,
      },
      errors: {
        404: 'There was no such conversation then, or it was deleted since',
        409: 'Several agents had a conversation with this id: name the agent',
      },
    }),
  );
