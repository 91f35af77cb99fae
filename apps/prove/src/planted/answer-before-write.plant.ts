import { replaceMethod } from './replace-method.js';

/** The bus is told that a chunk is dealt with before anything of it is written. */
await replaceMethod(
  {
    file: 'apps/ingestion/dist/commands/commands.service.js',
    className: 'CommandsService',
    method: 'apply',
  },
  (original) =>
    async function (...args) {
      setTimeout(() => {
        void (original.apply(this, args) as Promise<void>).catch(() => undefined);
      }, 100);
    },
);
