import { replaceMethod } from './replace-method.js';

const OFFSETS = { file: 'libs/event-store/dist/ledger/offsets.js', className: 'Offsets' };

/** Applied offsets are neither asked before writing nor compared when they move. */
await replaceMethod(
  { ...OFFSETS, method: 'next' },
  () => async (sources) => (sources as unknown[]).map(() => 0),
);
await replaceMethod({ ...OFFSETS, method: 'flush' }, () => async () => undefined);
