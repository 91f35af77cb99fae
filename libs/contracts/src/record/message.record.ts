import { IsArray, IsOptional, IsString } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { IsId, IsRole, IsTimestamp, Means } from './record-rules.js';

/** What every message has, whichever way it comes. Its text may be empty, and as long as a record can be. */
class Message {
  @Means('Its id, unique in its conversation') @IsId() message_id!: string;
  @Means('Who said it') @IsRole() role!: string;
  @Means('The person or program that said it') @IsId() sender_id!: string;
  @Means('What was said') @IsString() content!: string;
  @Means('When it was said') @IsTimestamp() timestamp!: string;
  @Means('Steps behind it, as name and content') @IsOptional() @IsArray() logs?: unknown[];
}

/** A message within a conversation record; where it repeats its parent's id, it must be the right one. */
export class MessageRecord extends Message {
  @Means('The id of its conversation once more') @IsOptional() @IsString() conversation_id?: string;
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
  @Means('The conversation that it belongs to') @IsId() conversation_id!: string;
  @Means('The agent of that conversation') @IsId() agent_id!: string;
}
