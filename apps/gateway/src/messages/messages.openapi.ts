import { messageUploadSchema } from '@parley/contracts';
import { DescribeUploadOf, schema, uploadAnswer } from '../openapi/describe.js';

/** POST /api/messages */
export const DescribeUpload = (): MethodDecorator =>
  DescribeUploadOf({
    summary: 'Add a message to a conversation, or update it',
    body: schema(messageUploadSchema),
    answer: {
      description: 'The sent fields, when it was first recorded, and `success`',
      schema: uploadAnswer(schema(messageUploadSchema)),
    },
    errors: {
      404: 'There is no such conversation',
      409: 'Several agents have a conversation with this id, or it was deleted',
    },
  });
