import { addAuditEvent, type NewAuditEvent } from '@parley/event-store';
import { type ControlDatabase } from './control-database.js';

/** Records what was done to the installation as a whole, for ever; what concerns one tenant is recorded there. */
export async function auditInstallation(
  control: ControlDatabase,
  event: NewAuditEvent,
): Promise<void> {
  await addAuditEvent(control.rows, event);
}
