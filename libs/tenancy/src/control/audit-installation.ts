import { type NewAuditEvent } from '@parley/event-store';
import { type ControlDatabase } from './control-database.js';

/** Records what was done to the installation as a whole, for ever; what concerns one tenant is recorded there. */
export async function auditInstallation(
  control: ControlDatabase,
  { actor, action, subject, details }: NewAuditEvent,
): Promise<void> {
  await control.rows.query(
    'INSERT INTO audit_events (actor, action, subject, details) VALUES ($1, $2, $3, $4)',
    [actor, action, subject, JSON.stringify(details)],
  );
}
