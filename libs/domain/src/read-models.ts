import { CONVERSATION_EVENT_TYPES } from '@parley/contracts';
import { type ReadModel, type ReadModelVersion, type StreamRow } from '@parley/event-sourcing';
import { conversations } from './conversation/conversations.read-model.js';
import { deletedIdentities } from './conversation/deleted-identities.read-model.js';
import { messages } from './conversation/messages.read-model.js';

/**
 * Every read model that is derived from the conversation log, for whoever writes, rebuilds or checks them: the version
 * of this release, and the one before, which it reads and writes as well until each database has the newer one.
 */
export const readModels: readonly ReadModelVersion[] = [
  {
    version: 2,
    models: [conversations, messages, deletedIdentities],
    events: CONVERSATION_EVENT_TYPES,
  },
  {
    version: 1,
    models: [
      without(conversations, 'sent_hash'),
      without(messages, 'sent_hash'),
      deletedIdentities,
    ],
    events: CONVERSATION_EVENT_TYPES,
  },
];

/** The model as it was before it had that column: what is derived for the others is the same. */
function without<Row extends StreamRow>(model: ReadModel<Row>, column: string): ReadModel {
  const columns = Object.entries(model.columns).filter(([name]) => name !== column);
  return { ...model, columns: Object.fromEntries(columns) } as unknown as ReadModel;
}
