export { ingestionConfig } from './config.js';
export { createIngestion } from './create-ingestion.js';
export type { IngestionParts } from './ingestion.module.js';
