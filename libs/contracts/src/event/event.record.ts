import { Equals, IsOptional, IsString } from 'class-validator';
import { IsId, IsTimestamp } from '../record/record-rules.js';

/** The headers of an event's record: CloudEvents 1.0 in Kafka's binary content mode, numbers as decimal text. */
export class EventHeaders {
  @Equals('1.0') ce_specversion!: string;
  @IsId() ce_id!: string;
  @IsId() ce_type!: string;
  @IsString() ce_source!: string;
  @IsId() ce_subject!: string;
  @IsTimestamp() ce_time!: string;
  @IsId() ce_tenant!: string;
  @IsId() ce_logepoch!: string;
  @IsId() ce_position!: string;
  @IsId() ce_streamversion!: string;
  @IsTimestamp() ce_occurredat!: string;
  @IsOptional() @IsString() ce_dataref?: string;
}
