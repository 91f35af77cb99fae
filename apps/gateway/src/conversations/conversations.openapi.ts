import { applyDecorators } from '@nestjs/common';
import { ApiParam, ApiQuery } from '@nestjs/swagger';
import { conversationUploadSchema, messageUploadSchema } from '@parley/contracts';
import {
  Describe,
  DescribeReadAfter,
  DescribeSending,
  DescribeUploadOf,
  schema,
  uploadAnswer,
} from '../openapi/describe.js';

const TIMES = {
  created_at: { type: 'string', format: 'date-time' },
  updated_at: { type: 'string', format: 'date-time' },
};

const CONVERSATION = schema({
  allOf: [
    conversationUploadSchema,
    {
      type: 'object',
      properties: {
        ...TIMES,
        messages: {
          type: 'array',
          items: { allOf: [messageUploadSchema, { type: 'object', properties: TIMES }] },
        },
      },
    },
  ],
});

const MATCH = {
  type: 'object',
  description:
    'With `q`: the first message that fits (null: only the header does) and a part of it',
  properties: {
    message_id: { type: 'string', nullable: true },
    excerpt: { type: 'string' },
  },
};

const PAGE = schema({
  type: 'object',
  required: ['data', 'next_cursor', 'as_of_position'],
  properties: {
    data: {
      type: 'array',
      items: {
        allOf: [
          conversationUploadSchema,
          {
            type: 'object',
            properties: { ...TIMES, message_count: { type: 'integer' }, match: MATCH },
          },
        ],
      },
    },
    next_cursor: { type: 'string', nullable: true },
    as_of_position: { type: 'integer', description: 'How far the log had got' },
    search_as_of_position: {
      type: 'integer',
      description: 'With `q`: how far the log is in the search index',
    },
  },
});

/** The agent that a call names. */
export const CONVERSATION_AGENT = ApiQuery({
  name: 'agent',
  required: false,
  description: 'Also `agent_id`. Without it: the one that this API wrote last, else the only one',
});
/** The id in the path. */
export const CONVERSATION_ID = ApiParam({
  name: 'conversation_id',
  description: 'Percent-encoded',
});

/** POST /api/conversations */
export const DescribeUpload = (): MethodDecorator =>
  DescribeUploadOf({
    summary: 'Create or update a conversation',
    description: 'An update keeps the fields that are not sent, and all messages.',
    body: schema(conversationUploadSchema),
    answer: {
      description: 'The sent fields, when it was first created, and `success`',
      schema: uploadAnswer(schema(conversationUploadSchema)),
    },
    errors: { 409: 'The conversation was deleted; nothing revives it' },
  });

/** GET /api/conversations */
export const DescribeList = (): MethodDecorator =>
  applyDecorators(
    DescribeReadAfter(),
    Describe({
      summary: 'List conversations, newest first',
      answer: { description: 'A page; `next_cursor` is null on the last one', schema: PAGE },
    }),
    ...[
      ['agent', 'Also `agent_id`'],
      ['conversation_id', 'Exactly this one'],
      ['conversation_id_prefix', 'Those whose id starts so'],
      ['sender_id', 'Those that hold a message of this sender'],
      ['q', 'Those that hold a text with all of these: words, `"phrases"`, `-without`, `or`'],
      ['from', 'Started at this moment or later, RFC 3339'],
      ['to', 'Started before this moment, RFC 3339'],
      ['limit', '1 to 200, 50 if not given'],
      ['cursor', '`next_cursor` of the page before, with the same filters'],
    ].map(([name, description]) => ApiQuery({ name, description, required: false })),
  );

/** GET /api/conversations/{conversation_id} */
export const DescribeGet = (): MethodDecorator =>
  applyDecorators(
    DescribeReadAfter(),
    CONVERSATION_ID,
    CONVERSATION_AGENT,
    ApiQuery({
      name: 'as_of',
      required: false,
      description: 'As it was known then: a position of the log, or RFC 3339',
    }),
    Describe({
      summary: 'Read a conversation with all of its messages',
      description: 'Messages in the order of their timestamps, then of sending, then of their ids.',
      answer: { description: 'The conversation', schema: CONVERSATION },
      errors: {
        404: 'There is (or was then) no such conversation',
        409: 'Several agents have a conversation with this id: name the agent',
      },
    }),
  );

/** DELETE /api/conversations/{conversation_id} */
export const DescribeDeletion = (): MethodDecorator =>
  applyDecorators(
    CONVERSATION_ID,
    CONVERSATION_AGENT,
    DescribeSending(),
    Describe({
      summary: 'Delete a conversation for good',
      description: 'Its content is erased everywhere, and uploading it again is refused.',
      answer: {
        description: 'Deleted',
        schema: {
          type: 'object',
          properties: {
            conversation_id: { type: 'string' },
            status: { type: 'string', enum: ['deleted'] },
          },
        },
      },
      errors: {
        404: 'There is no such conversation',
        409: 'Several agents have a conversation with this id, or it was deleted before',
      },
    }),
  );
