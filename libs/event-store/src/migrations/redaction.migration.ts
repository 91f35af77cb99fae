import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { irreversible, runAs } from './run-as.js';

const REDACTION: readonly string[] = [
  'ALTER TABLE receipts ADD COLUMN masked json',
  `CREATE TABLE redaction_policies (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    policy json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL)`,
  `CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON redaction_policies
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  'ALTER TABLE redaction_policies ENABLE ALWAYS TRIGGER append_only',
  'GRANT SELECT, INSERT ON redaction_policies TO parley_app',
  'GRANT SELECT ON redaction_policies TO parley_reader',
];

/** What receipts say of redaction, and the tenant's policies: the newest is in force, the others are its history. */
export class AddRedaction1763700001020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAs(runner, 'parley_owner', REDACTION);
  }

  async down(): Promise<void> {
    irreversible();
  }
}
