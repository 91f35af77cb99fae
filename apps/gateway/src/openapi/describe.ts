import { applyDecorators } from '@nestjs/common';
import {
  ApiBody,
  ApiHeader,
  ApiOperation,
  ApiResponse,
  type ApiResponseSchemaHost,
} from '@nestjs/swagger';
import { MAX_BATCH_ITEMS } from '@parley/contracts';

/** A JSON Schema as the description of the API takes it. */
export type Schema = ApiResponseSchemaHost['schema'];

/** Tells the type checker that a literal, or a schema made elsewhere, is one. */
export function schema(value: object): Schema & object {
  return value;
}

/** One operation: what it does and what it answers when all is well. */
export interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly status?: number;
  readonly answer: { readonly description: string; readonly schema: Schema };
  /** Statuses besides those that every operation has. */
  readonly errors?: Readonly<Record<number, string>>;
}

const ERROR: Schema = {
  type: 'object',
  required: ['detail', 'code'],
  properties: { detail: { type: 'string' }, code: { type: 'string' } },
};

const INVALID: Schema = {
  type: 'object',
  required: ['detail'],
  properties: {
    detail: {
      type: 'array',
      items: {
        type: 'object',
        required: ['loc', 'msg', 'type'],
        properties: {
          loc: { type: 'array', items: { oneOf: [{ type: 'string' }, { type: 'integer' }] } },
          msg: { type: 'string' },
          type: { type: 'string' },
        },
      },
    },
  },
};

const ALWAYS: Readonly<Record<number, string>> = {
  401: 'No key, or one that is not or no longer valid',
  403: 'The key lacks the scope that this needs',
  422: 'Something in the request is not as it has to be',
  429: 'A limit is reached; `Retry-After` says when to try again',
  503: 'Not now; sending again after `Retry-After` is harmless',
};

/** Describes an operation, with the errors that every operation has. */
export function Describe(operation: Operation): MethodDecorator {
  const { summary, description, status = 200, answer, errors } = operation;
  return applyDecorators(
    ApiOperation({ summary, description }),
    ApiResponse({ status, ...answer }),
    ...Object.entries({ ...ALWAYS, ...errors }).map(([code, words]) =>
      ApiResponse({
        status: Number(code),
        description: words,
        schema: code === '422' ? INVALID : ERROR,
      }),
    ),
  );
}

/** Describes the header by which a read shows at least what was written before it. */
export const DescribeReadAfter = (): MethodDecorator =>
  ApiHeader({
    name: 'Parley-Read-After',
    required: false,
    description:
      'The header of this name of a write: what was written is in the answer, else it is 503 `not_yet_readable`; 409 `log_epoch_changed` where the log was restored since',
    schema: { type: 'string' },
  });

/** What is uploaded: its schema, and what the answer has besides the sent fields. */
export interface UploadOperation extends Operation {
  readonly body: Schema & object;
}

const UPLOAD_ERRORS = {
  400: 'The body is not JSON in UTF-8',
  413: 'The body is larger than 1 MiB',
  415: 'The body is not plain application/json',
};

/** Describes an upload: one object or an array of them. */
export function DescribeUploadOf({ body, ...operation }: UploadOperation): MethodDecorator {
  return applyDecorators(
    Describe({ ...operation, errors: { ...UPLOAD_ERRORS, ...operation.errors } }),
    ApiBody({
      schema: { oneOf: [body, { type: 'array', maxItems: MAX_BATCH_ITEMS, items: body }] },
    }),
    DescribeSending(),
  );
}

/** Describes how a write is sent: idempotency, answering later. */
export function DescribeSending(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'The same key with the same body is answered from the first receipt, with another body 422; kept 7 days',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
    ApiHeader({
      name: 'Prefer',
      required: false,
      description:
        '`respond-async`: 202 and the address of the receipt as soon as the request is durable',
      schema: { type: 'string' },
    }),
    ApiResponse({
      status: 202,
      description:
        'With `Prefer: respond-async`: taken in; `Location` is the address of the receipt',
      schema: {
        type: 'object',
        properties: {
          status: { type: 'string', enum: ['accepted'] },
          receipt_id: { type: 'string' },
        },
      },
    }),
  );
}

/** What the server adds to the sent fields. */
const ADDED = {
  created_at: { type: 'string', example: '2024-01-15T10:30:05Z' },
  status: { type: 'string', enum: ['success'] },
};

/** The answer to an upload: the sent fields and what the server adds; an array of results for an array. */
export function uploadAnswer(sent: Schema & object): Schema {
  const one = { allOf: [sent, { type: 'object', properties: ADDED }] };
  const result = {
    type: 'object',
    required: ['status', 'status_code'],
    properties: {
      status: { type: 'string', enum: ['success', 'accepted', 'error'] },
      status_code: { type: 'integer' },
      receipt_id: { type: 'string', format: 'uuid' },
    },
    description: 'The single answer, or the body of its error, with the status it would have had',
  };
  return schema({ oneOf: [one, { type: 'array', items: result }] });
}
