import { type ReadModel } from '@parley/event-sourcing';
import { conversations } from './conversation/conversations.read-model.js';
import { deletedIdentities } from './conversation/deleted-identities.read-model.js';
import { messages } from './conversation/messages.read-model.js';

/** Every read model that is derived from the conversation log, for whoever writes, rebuilds or checks them. */
export const readModels: readonly ReadModel[] = [conversations, messages, deletedIdentities];
