import { replaceMethod } from './replace-method.js';

/** One route reads from the database of whoever asked first. */
let first: unknown;

await replaceMethod(
  {
    file: 'apps/gateway/dist/conversations/conversations.queries.js',
    className: 'ConversationQueries',
    method: 'listConversations',
  },
  (original) =>
    function (this: object, ...args) {
      first ??= args[0];
      return original.call(this, first, ...args.slice(1));
    },
);
