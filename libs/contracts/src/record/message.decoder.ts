import { type MessageFields, type RecordMessage } from '../command/commands.js';
import { type Json } from '../json.js';
import { accepted, type Decoded, refused } from './decoded.js';
import { CONVERSATION_ALIASES } from './field-names.js';
import { MessageUpload } from './message.record.js';
import { checkSize, readFields, recordKind, warningsOf, withoutNulls } from './record-fields.js';
import { schemaOf } from './record-rules.js';

/** The JSON Schema of `MessageUpload`. */
export const messageUploadSchema = schemaOf(MessageUpload);

const UPLOAD = recordKind(MessageUpload, [CONVERSATION_ALIASES, ['agent', 'agent_id', 'agentId']]);

/** Decodes the body of `POST /api/messages`; `now` in milliseconds since 1970. */
export function decodeMessageUpload(value: Json, now: number): Decoded<RecordMessage> {
  const read = readFields(UPLOAD, value);
  if (!read.ok) return read;
  const { conversation_id, agent, ...message } = withoutNulls(
    read.value,
    UPLOAD,
  ) as MessageFields & {
    readonly conversation_id: string;
    readonly agent?: string;
  };
  const problems = checkSize(message, []);
  if (problems.length > 0) return refused(problems);
  const parent = agent === undefined ? { conversation_id } : { conversation_id, agent_id: agent };
  return accepted(
    { type: 'RecordMessage', data: { ...parent, message } },
    warningsOf(UPLOAD, read.value, now),
  );
}
