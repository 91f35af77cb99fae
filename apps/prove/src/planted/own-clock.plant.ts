import { replaceSource } from './replace-source.js';

/** A projection dates rows by the clock of its process. */
replaceSource({
  file: 'libs/domain/dist/conversation/messages.read-model.js',
  from: 'const now = BigInt(recordedAt);',
  to: 'const now = BigInt(Date.now()) * 1000n;',
});
