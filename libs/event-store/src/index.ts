export {
  addAuditEvent,
  type AuditEvent,
  type AuditPage,
  listAuditEvents,
  type NewAuditEvent,
} from './audit/audit-events.js';
export { type Copy, copyRows, sendCopies } from './copy/copy-table.js';
export { type Table } from './copy/table-rows.js';
export {
  ConcurrencyError,
  type ConcurrencyCode,
  UnknownEventError,
  UnknownReadModelsError,
} from './errors.js';
export { EventStore, type EventStoreOptions } from './event-store.js';
export {
  countDeadLetters,
  type DeadLetterPage,
  type DeadLetterSummary,
  discardDeadLetter,
  findDeadLetters,
  isRedrivable,
  listDeadLetters,
  type WholeDeadLetter,
} from './ledger/dead-letter-queries.js';
export { type DeadLetter } from './ledger/dead-letters.js';
export { type ErasedIdentity } from './ledger/erasure.js';
export { type Ledger } from './ledger/ledger.js';
export { type OffsetSource, readOffsets } from './ledger/offsets.js';
export { dropOldReceipts, readReceipts } from './ledger/receipts.js';
export { readStanding, type Standing } from './ledger/standing.js';
export { type WaitingRecord } from './ledger/waiting.js';
export { followLog, type FollowerStep } from './log/follow-log.js';
export { type Lane } from './log/head.js';
export { type Digest, readDigest } from './log/log-digest.js';
export {
  type FollowerLease,
  type FollowerName,
  LogFollower,
  readFollower,
} from './log/log-followers.js';
export {
  isReadable,
  type LogMoment,
  type Queryable,
  type RawEvent,
  readDeletedStreams,
  readHead,
  readMoment,
  readRaw,
  readStream,
  type StoredEvent,
} from './log/log-reader.js';
export { type LogTransaction } from './log/log-transaction.js';
export { type NewEvent } from './log/log-writer.js';
export { type LogDefect, type Verification, verifyLog } from './log/verify-log.js';
export {
  initializeLog,
  migrateTenantDatabase,
  tenantMigrations,
} from './migrations/tenant-migrations.js';
export { type Exported, type ExportRequest, exportTenant } from './portability/export-tenant.js';
export {
  type Imported,
  type ImportPlace,
  importTenant,
  openExport,
  type TenantExport,
} from './portability/import-tenant.js';
export {
  dropOldReadModels,
  isUpgradeDue,
  rebuildReadModels,
  type RebuildResult,
  rollBackReadModels,
} from './rebuild/rebuild.js';
export { type RebuildPlace, type RebuildRequest } from './rebuild/rebuild-request.js';
export { alone, inTransaction } from './rebuild/admin-session.js';
export { renewEmptyReadModels } from './rebuild/renew-empty.js';
export { listSchemas, type RegisteredSchema } from './rebuild/schema-registry.js';
export { ActiveReads, type RowsQuery } from './rows/active-reads.js';
export { type ActiveSchema, readActiveSchema, servesNewest } from './rows/active-schema.js';
export { createReadModelSchema, type SqlRunner } from './rows/read-model-schema.js';
export { rebuildCheck, type TableComparison } from './rows/rebuild-check.js';
export { refuseUnknown } from './rows/projection.js';
export { type RowKey, type RowSet } from './rows/row-set.js';
export { StreamFold } from './rows/stream-fold.js';
export {
  createSearchIndexes,
  createSearchTables,
  REBUILT_SEARCH_SCHEMA,
  SEARCH_SCHEMA,
} from './search/search-schema.js';
export { isOutage, isTransient } from './transient.js';
export { withClient, withTransaction } from './event-store.js';
