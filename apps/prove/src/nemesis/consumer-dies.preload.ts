import { replaceMethod } from '../planted/replace-method.js';

/** On SIGUSR2 the next chunk fails for good: the consumption dies. */
let isToDie = false;
process.on('SIGUSR2', () => (isToDie = true));

interface Worker {
  readonly settings: { onFailed(error: Error): void };
}

await replaceMethod(
  {
    file: 'libs/messaging/dist/partition-worker.js',
    className: 'PartitionWorker',
    method: 'offer',
  },
  (original) =>
    function (this: object, ...args) {
      if (isToDie) (this as Worker).settings.onFailed(new Error('the consumer has died'));
      original.apply(this, args);
    },
);
