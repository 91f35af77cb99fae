import { type MigrationInterface, type QueryRunner } from 'typeorm';

const AUDIT_EVENTS = `
  CREATE TABLE audit_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    details json NOT NULL
  );
  CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
  BEGIN
    RAISE EXCEPTION '% on % is refused: it is append-only', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'insufficient_privilege';
  END $$;
  CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
  ALTER TABLE audit_events ENABLE ALWAYS TRIGGER append_only;
  GRANT SELECT, INSERT ON audit_events TO parley_service;`;

/** What an operator did to the installation as a whole; what concerns one tenant is in the tenant's own database. */
export class CreateControlAudit1792800001005 implements MigrationInterface {
  name = 'CreateControlAudit1792800001005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(AUDIT_EVENTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_events; DROP FUNCTION refuse_change');
  }
}
