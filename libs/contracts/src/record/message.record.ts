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

/** A message of a partner's topic, sent alone; its agent has to be named (D7). */
@JSONSchema({
  example: {
    message_id: 'msg_002',
    conversation_id: 'conv_001',
    agent_id: 'support_bot_01',
    role: 'agent',
    sender_id: 'support_bot_01',
    content: 'Of course. What is your order number?',
    timestamp: '2024-01-15T10:31:05Z',
  },
})
export class PartnerMessage extends Message {
  @IsId() conversation_id!: string;
  @IsId() agent_id!: string;
}
