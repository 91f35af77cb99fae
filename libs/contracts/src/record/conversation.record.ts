import {
  IsArray,
  IsBoolean,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Max,
  Min,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { MessageRecord } from './message.record.js';
import { Holds, HoldsListOf, IsId, IsTimestamp, Means } from './record-rules.js';

/** What the customer did not give, or what is hidden for privacy. */
class MissingInfo {
  @Means('Why') @IsOptional() @IsString() reason?: string;
  @Means('Names of fields that are hidden')
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  fields?: string[];
}

class Conversation {
  @Means('When it began') @IsTimestamp() timestamp!: string;
  @Means('How content the customer was')
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(5)
  csat_score?: number;
  @Means('What is known of the customer') @IsOptional() @IsObject() user_data?: object;
  @IsOptional() @Holds(MissingInfo) @IsObject() missing_info?: MissingInfo;
}

/** What every conversation says of itself besides its identity. */
export class ConversationHeader extends Conversation {
  @Means('Whether it came to an end; false where not said')
  @IsOptional()
  @IsBoolean()
  is_resolved?: boolean;
}

/** A conversation with its messages, as files and partners' topics hold it. */
@JSONSchema({
  example: {
    conversation_id: 'conv_001',
    agent_id: 'support_bot_01',
    timestamp: '2024-01-15T10:30:00Z',
    is_resolved: false,
    csat_score: 4.5,
    user_data: { source: 'mobile_app', language: 'en' },
    messages: [
      {
        message_id: 'msg_001',
        role: 'customer',
        sender_id: 'customer_123',
        content: 'Hello, I need help',
        timestamp: '2024-01-15T10:31:00Z',
      },
    ],
  },
})
export class ConversationRecord extends ConversationHeader {
  @Means('Its id, unique among those of its agent') @IsId() conversation_id!: string;
  @Means('The agent that holds it') @IsId() agent_id!: string;
  @IsOptional() @HoldsListOf(MessageRecord) @IsArray() messages?: MessageRecord[];
}

/** The body of `POST /api/conversations`. */
@JSONSchema({
  example: {
    conversation_id: 'conv_001',
    agent: 'support_bot_01',
    timestamp: '2024-01-15T10:30:00Z',
    is_resolved: false,
    csat_score: 4.5,
    user_data: { source: 'mobile_app', language: 'en' },
  },
})
export class ConversationUpload extends Conversation {
  @IsId() conversation_id!: string;
  @IsId() agent!: string;
  @IsBoolean() is_resolved!: boolean;
}
