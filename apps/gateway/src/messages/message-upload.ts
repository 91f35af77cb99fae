import { decodeMessageUpload, type RecordMessage } from '@parley/contracts';
import { documentedMessage } from '../conversations/renderings.js';
import { type UploadKind } from '../uploads/upload-kind.js';

/** POST /api/messages: one message of a conversation that is there already. */
export const messageUpload: UploadKind<RecordMessage> = {
  decode: decodeMessageUpload,
  echo: ({ data }) => documentedMessage(data.conversation_id, data.agent_id, data.message),
};
