import { replaceSource } from './replace-source.js';

/** A letter that is redriven counts as another command each time. */
replaceSource({
  file: 'apps/ingestion/dist/redrive/redriven-record.js',
  from: '...envelope, version: first',
  to: '...envelope, command_id: crypto.randomUUID(), version: first',
});
