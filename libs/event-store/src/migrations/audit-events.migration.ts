import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { irreversible, runAs } from './run-as.js';

const AUDIT_EVENTS: readonly string[] = [
  `CREATE TABLE audit_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    details json NOT NULL)`,
  `CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  'ALTER TABLE audit_events ENABLE ALWAYS TRIGGER append_only',
  'GRANT SELECT, INSERT ON audit_events TO parley_app',
  'GRANT SELECT ON audit_events TO parley_reader',
];

/** Who changed what of the tenant's settings and ledger. */
export class CreateAuditEvents1763700001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAs(runner, 'parley_owner', AUDIT_EVENTS);
  }

  async down(): Promise<void> {
    irreversible();
  }
}
