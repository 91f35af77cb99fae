import { replaceMethod } from './replace-method.js';

/** Offsets are committed as soon as records are read, as with automatic commits: what waits for its turn counts as done. */
await replaceMethod(
  {
    file: 'libs/messaging/dist/partition-worker.js',
    className: 'PartitionWorker',
    method: 'offer',
  },
  (original) =>
    function (this: object, ...args) {
      original.apply(this, args);
      const worker = this as { handled: number | null; next: number };
      worker.handled = worker.next;
    },
);
