import { type JsonObject } from '@parley/contracts';
import { type Queryable } from '../log/log-reader.js';

/**
 * What somebody did to a tenant's settings or ledger. `actor` is `key:<credential id>` or `cli`, `action` a verb and its
 * noun (`dead-letter.discard`), `subject` what it was done to. None of them holds content of conversations: an audit
 * event outlives every erasure.
 */
export interface NewAuditEvent {
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly details: JsonObject;
}

/** An audit event as recorded; `at` is the database's clock. */
export interface AuditEvent extends NewAuditEvent {
  readonly id: number;
  readonly at: Date;
}

/** Which audit events: at most `limit` (100), those before the one with id `before`. */
export interface AuditPage {
  readonly limit?: number;
  readonly before?: number;
}

/** Where audit events are written: a `Queryable`, or whatever else takes SQL. */
export interface AuditWriter {
  query(sql: string, values: unknown[]): Promise<unknown>;
}

/** Records what was done. In the transaction of the change itself, so that neither is there without the other. */
export async function addAuditEvent(client: AuditWriter, event: NewAuditEvent): Promise<void> {
  await client.query(
    'INSERT INTO audit_events (actor, action, subject, details) VALUES ($1, $2, $3, $4)',
    [event.actor, event.action, event.subject, JSON.stringify(event.details)],
  );
}

/** The audit events of a tenant, the newest first. */
export async function listAuditEvents(
  db: Queryable,
  { limit = 100, before }: AuditPage = {},
): Promise<AuditEvent[]> {
  const { rows } = await db.query<Omit<AuditEvent, 'id'> & { id: string }>(
    `SELECT id, at, actor, action, subject, details FROM audit_events
      WHERE $1::bigint IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`,
    [before ?? null, limit],
  );
  return rows.map(({ id, ...row }) => ({ ...row, id: Number(id) }));
}
