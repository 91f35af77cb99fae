import { replaceMethod } from './replace-method.js';

/** The gateway says yes while the command is still in its own memory. */
await replaceMethod(
  {
    file: 'apps/gateway/dist/uploads/command-publisher.js',
    className: 'CommandPublisher',
    method: 'publish',
  },
  (original) =>
    async function (...args) {
      setTimeout(() => {
        void (original.apply(this, args) as Promise<void>).catch(() => undefined);
      }, 1_000);
    },
);
