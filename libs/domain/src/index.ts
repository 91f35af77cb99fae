export { type ConversationCommand, conversation } from './conversation/conversation.js';
export type {
  ConversationState,
  HeaderState,
  MessageState,
} from './conversation/conversation.state.js';
export { type ConversationRow, conversations } from './conversation/conversations.read-model.js';
export { type DecisionContext, sentText } from './conversation/decision-context.js';
export {
  deletedIdentities,
  type DeletedIdentityRow,
} from './conversation/deleted-identities.read-model.js';
export { dispositionOf } from './conversation/disposition.js';
export { type Candidate, deletedTexts, findConversation } from './conversation/identity.js';
export { type MessageRow, messages } from './conversation/messages.read-model.js';
export { readModels } from './read-models.js';
