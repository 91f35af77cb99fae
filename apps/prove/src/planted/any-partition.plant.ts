import { replaceSource } from './replace-source.js';

/** Records of one conversation go to any partition. */
replaceSource({
  file: 'libs/messaging/dist/partitioner.js',
  from: /return \(murmur2.*;/,
  to: 'return Math.floor(Math.random() * partitions);',
});
