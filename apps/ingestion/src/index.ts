export { createIngestion } from './create-ingestion.js';
export type { IngestionParts } from './ingestion.module.js';
