import { Equals, IsArray, IsIn, IsObject, IsOptional, IsString } from 'class-validator';
import { ConversationHeader } from '../record/conversation.record.js';
import { MessageRecord } from '../record/message.record.js';
import { Holds, HoldsListOf, IsId, IsTimestamp } from '../record/record-rules.js';
import { DOORS } from './commands.js';

const SOURCES = DOORS.map((door) => `/doors/${door}`);

class ConversationIdentity {
  @IsId() conversation_id!: string;
}

/** The data of `RecordConversation`. */
export class RecordConversationData extends ConversationIdentity {
  @IsId() agent_id!: string;
  @IsIn(['merge', 'replace']) mode!: string;
  @Holds(ConversationHeader) @IsObject() header!: ConversationHeader;
  @HoldsListOf(MessageRecord) @IsArray() messages!: MessageRecord[];
}

/** The data of `RecordMessage`. */
export class RecordMessageData extends ConversationIdentity {
  @IsOptional() @IsId() agent_id?: string;
  @Holds(MessageRecord) @IsObject() message!: MessageRecord;
}

/** The data of `DeleteConversation`. */
export class DeleteConversationData extends ConversationIdentity {
  @IsOptional() @IsId() agent_id?: string;
}

/** What redaction did to a command. */
class Redaction {
  @IsArray() @IsString({ each: true }) masked!: string[];
  @IsOptional() @IsString() header_hash?: string;
  @IsOptional() @IsArray() message_hashes?: unknown[];
}

/** The value of a command's record. */
export class CommandValue {
  @IsObject() data!: object;
  @IsArray() @IsString({ each: true }) warnings!: string[];
  @IsObject() source!: object;
  @IsOptional() @IsString() request_hash?: string;
  @IsOptional() @IsString() version?: string;
  @IsOptional() @Holds(Redaction) @IsObject() redaction?: Redaction;
}

/** The headers of a command's record: CloudEvents 1.0 in Kafka's binary content mode. */
export class CommandHeaders {
  @Equals('1.0') ce_specversion!: string;
  @IsId() ce_id!: string;
  @IsString() ce_type!: string;
  @IsIn(SOURCES) ce_source!: string;
  @IsId() ce_subject!: string;
  @IsTimestamp() ce_time!: string;
  @IsId() ce_tenant!: string;
  @IsId() ce_commandid!: string;
  @IsOptional() @IsId() ce_correlationid?: string;
  @IsOptional() @IsId() ce_causationid?: string;
  @IsOptional() @IsId() traceparent?: string;
}
