import { applyDecorators } from '@nestjs/common';
import { ApiBody } from '@nestjs/swagger';
import { Describe, schema } from '../openapi/describe.js';

const ACTION = { type: 'string', enum: ['mask', 'flag', 'reject'] };

const VALIDATOR = {
  type: 'object',
  required: ['kind', 'action'],
  properties: {
    kind: { type: 'string', enum: ['email', 'phone', 'card', 'pattern'] },
    region: {
      type: 'string',
      example: 'DE',
      description: 'For `phone`: numbers dialled from there count too (ISO 3166-1)',
    },
    name: { type: 'string', maxLength: 40, description: 'For `pattern`: its name, and its label' },
    pattern: {
      type: 'string',
      maxLength: 500,
      description: 'For `pattern`: a regular expression in the syntax of RE2',
    },
    action: ACTION,
  },
};

const POLICY = schema({
  type: 'object',
  properties: {
    missing_info_fields: {
      type: 'boolean',
      default: true,
      description: 'Mask the fields that a record names in its own `missing_info.fields`',
    },
    fields: {
      type: 'array',
      maxItems: 200,
      items: {
        type: 'object',
        required: ['path', 'action'],
        properties: {
          path: { type: 'string', example: 'user_data.contact.phone', maxLength: 500 },
          action: ACTION,
        },
      },
    },
    validators: { type: 'array', maxItems: 20, items: VALIDATOR },
  },
  example: {
    fields: [{ path: 'phone_number', action: 'mask' }],
    validators: [
      { kind: 'email', action: 'mask' },
      { kind: 'card', action: 'reject' },
      { kind: 'pattern', name: 'employee', pattern: 'EMP-[0-9]{6}', action: 'mask' },
    ],
  },
});

const STORED = schema({
  type: 'object',
  properties: {
    id: { type: 'integer', description: '0 where nothing was ever set' },
    policy: POLICY,
    set_at: { type: 'string', format: 'date-time', nullable: true },
    set_by: { type: 'string', nullable: true, description: '`key:<id>` or `cli`' },
  },
});

const NOTES = { type: 'array', items: { type: 'string', example: 'messages[].content: email' } };

/** GET /api/redaction */
export const DescribeGet = (): MethodDecorator =>
  Describe({
    summary: 'The redaction policy in force',
    answer: { description: 'The policy, and who set it', schema: STORED },
  });

/** PUT /api/redaction */
export const DescribeChange = (): MethodDecorator =>
  applyDecorators(
    ApiBody({ schema: POLICY }),
    Describe({
      summary: 'Set the redaction policy',
      description:
        'What is sent after the answer is redacted by this policy, at every door; it takes a second. What is stored ' +
        'already stays as it is.',
      answer: { description: 'The policy, now in force', schema: STORED },
    }),
  );

/** POST /api/redaction/test */
export const DescribeTest = (): MethodDecorator =>
  applyDecorators(
    ApiBody({
      description: 'A conversation with or without its messages, or a message',
      schema: schema({ type: 'object' }),
    }),
    Describe({
      summary: 'Try the policy in force on a record',
      description: 'Nothing of the record is stored or passed on.',
      answer: {
        description: 'What would be stored, and what the receipt would say',
        schema: schema({
          type: 'object',
          properties: {
            record: { type: 'object', nullable: true },
            masked: NOTES,
            flagged: NOTES,
            refused: {
              type: 'array',
              items: {
                type: 'object',
                properties: {
                  code: { type: 'string' },
                  place: { type: 'array', items: {} },
                  detail: { type: 'string' },
                },
              },
            },
          },
        }),
      },
    }),
  );
