import { replaceMethod } from './replace-method.js';

/** Reads do not wait for what their token stands for. */
await replaceMethod(
  {
    file: 'apps/gateway/dist/reading/read-after.js',
    className: 'ReadAfterGate',
    method: 'pass',
  },
  () => async () => ({ position: 0, deadline: 0 }),
);
