import { decodeConversationUpload, type RecordConversation } from '@parley/contracts';
import { type UploadKind } from '../uploads/upload-kind.js';
import { documentedHeader } from './renderings.js';

/** POST /api/conversations: the header alone; fields that were not sent are kept (D11). */
export const conversationUpload: UploadKind<RecordConversation> = {
  decode: decodeConversationUpload,
  echo: ({ data }) => documentedHeader(data.conversation_id, data.agent_id, data.header),
};
