import { replaceMethod } from './replace-method.js';

/** What is there already is looked up in a memory that has forgotten it, and no unique key stands behind it. */
const SET = {
  file: 'apps/ingestion/dist/commands/working-set.js',
  className: 'WorkingSet',
};

await replaceMethod(
  { ...SET, method: 'messagesOf' },
  () =>
    function () {
      return new Map();
    },
);
