export { decodeCommand, encodeCommand } from './command/command.codec.js';
export {
  type CommandEnvelope,
  type CommandRedaction,
  type DeleteConversation,
  type Door,
  DOORS,
  type HeaderFields,
  type IngestionCommand,
  type MessageFields,
  messagesOf,
  type RecordConversation,
  type RecordMessage,
} from './command/commands.js';
export { encodeRedrive, type Redrive, redriveIn } from './command/redrive.codec.js';
export { clockVersion, s3Version, type Version, versionMicros } from './command/version.js';
export {
  CONVERSATION_EVENT_TYPES,
  type ConversationEvent,
  type ConversationOpened,
  isSourceEvent,
} from './events.js';
export {
  decodeEvent,
  encodeEvent,
  isAfter,
  type LogPlace,
  type PublishedEvent,
  type ReceivedEvent,
} from './event/event.codec.js';
export { type Json, type JsonObject } from './json.js';
export { type Problem, REASON_CODES, type ReasonCode } from './reason-codes.js';
export { type Disposition, type Receipt } from './receipt.js';
export { headerHash, messageHash } from './record/canonical.js';
export { checkId } from './record/check-id.js';
export {
  conversationRecordSchema,
  conversationUploadSchema,
  decodeConversationRecord,
  decodeConversationUpload,
} from './record/conversation.decoder.js';
export { type Decoded, isUnreadable, shownKey } from './record/decoded.js';
export { isObject } from './record/field-names.js';
export { asJsonSchema } from './record/json-schema.js';
export { MAX_BATCH_ITEMS, parseJson, parseJsonBatch } from './record/json-document.js';
export {
  decodeMessageUpload,
  messageUploadSchema,
  partnerMessageSchema,
} from './record/message.decoder.js';
export {
  decodePartnerRecord,
  identityNamedIn,
  type NamedIdentity,
  type PartnerContext,
  type PartnerRecord,
} from './record/partner.decoder.js';
export { problemText } from './record/problem-text.js';
export { checkBounds } from './record/record-fields.js';
export { decodeUtf8 } from './record/text.js';
export { formatTimestamp, parseTimestamp } from './record/timestamp.js';
export {
  BULK_TOPIC,
  COMMANDS_TOPIC,
  EVENTS_TOPIC,
  INGESTION_GROUP,
  MAX_RECORD_BYTES,
  PARTNERS_GROUP,
  partnerTopic,
  recordKey,
  tenantOfPartnerTopic,
  TOPIC_PARTITIONS,
} from './topics.js';
