import { applyDecorators } from '@nestjs/common';
import { ApiBody } from '@nestjs/swagger';
import { Describe, schema } from '../openapi/describe.js';

const SCOPES = {
  type: 'array',
  items: { type: 'string', enum: ['ingest', 'read', 'chat', 'admin'] },
};

const KEY = {
  id: { type: 'string', format: 'uuid' },
  name: { type: 'string', nullable: true },
  prefix: { type: 'string', description: 'How the key starts' },
  last4: { type: 'string', description: 'How it ends' },
  scopes: SCOPES,
  created_at: { type: 'string', format: 'date-time' },
  expires_at: { type: 'string', format: 'date-time', nullable: true },
};

/** POST /api/keys */
export const DescribeCreation = (): MethodDecorator =>
  applyDecorators(
    ApiBody({
      schema: schema({
        type: 'object',
        required: ['scopes'],
        properties: {
          name: { type: 'string', maxLength: 100 },
          scopes: { ...SCOPES, minItems: 1 },
          expires_at: { type: 'string', format: 'date-time' },
        },
      }),
    }),
    Describe({
      summary: 'Create an API key',
      description: 'The key is in this answer and never shown again.',
      status: 201,
      answer: {
        description: 'The new key',
        schema: schema({ type: 'object', properties: { ...KEY, key: { type: 'string' } } }),
      },
    }),
  );

/** GET /api/keys */
export const DescribeList = (): MethodDecorator =>
  Describe({
    summary: 'List the API keys of the account',
    answer: {
      description: 'Without the keys themselves',
      schema: schema({
        type: 'object',
        properties: { data: { type: 'array', items: { type: 'object', properties: KEY } } },
      }),
    },
  });

/** DELETE /api/keys/{id} */
export const DescribeDeletion = (): MethodDecorator =>
  Describe({
    summary: 'Delete an API key',
    description: 'Within 5 seconds it is invalid everywhere, for good.',
    answer: {
      description: 'Deleted',
      schema: {
        type: 'object',
        properties: { id: { type: 'string' }, status: { type: 'string', enum: ['deleted'] } },
      },
    },
    errors: { 404: 'The account has no such key' },
  });
