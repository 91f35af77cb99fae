import { IsArray, IsOptional, IsString } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { IsId, IsRole, IsTimestamp } from './record-rules.js';

/** What every message has, whichever way it comes. Its text may be empty, and as long as a record can be. */
class Message {
  @IsId() message_id!: string;
  @IsRole() role!: string;
  @IsId() sender_id!: string;
  @IsString() content!: string;
  @IsTimestamp() timestamp!: string;
  @IsOptional() @IsArray() logs?: unknown[];
}

/** A message within a conversation record; where it repeats its parent's id, it must be the right one. */
export class MessageRecord extends Message {
  @IsOptional() @IsString() conversation_id?: string;
}

/** The body of `POST /api/messages`. */
@JSONSchema({
  example: {
    message_id: 'msg_001',
    conversation_id: 'conv_001',
    role: 'customer',
    sender_id: 'customer_123',
    content: 'Hello, I need help',
    timestamp: '2024-01-15T10:31:00Z',
    logs: [{ name: 'Step Name', content: 'Step details or result' }],
  },
})
export class MessageUpload extends Message {
  @IsId() conversation_id!: string;
  @IsOptional() @IsId() agent?: string;
}
