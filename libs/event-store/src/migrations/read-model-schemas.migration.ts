import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { irreversible, runAs } from './run-as.js';

const TABLE = [
  `CREATE TABLE read_model_schemas (
    name text COLLATE "C" PRIMARY KEY,
    version int NOT NULL,
    state text NOT NULL CHECK (state IN ('building', 'active', 'retired')),
    built_to bigint NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  `CREATE UNIQUE INDEX read_model_schemas_active ON read_model_schemas (state) WHERE state = 'active'`,
  `INSERT INTO read_model_schemas (name, version, state, built_to)
    SELECT 'rm_' || version, version, 'active', built_to FROM active_read_model`,
  'DROP TABLE active_read_model',
];

// A retired schema moves out of the way: a release that knows its schema by name alone then waits, and writes nothing
// that nobody would ever read.
const ACTIVATE = `
  CREATE FUNCTION activate_read_models(chosen text) RETURNS text LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DECLARE
    prefix constant text := 'retired_';
    head bigint := (SELECT coalesce(max(position), 0) FROM public.conversation_events);
    former text := (SELECT name FROM public.read_model_schemas WHERE state = 'active');
    named text := CASE WHEN starts_with(chosen, prefix) THEN substr(chosen, length(prefix) + 1) ELSE chosen END;
  BEGIN
    IF NOT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND granted
        AND (locktype, classid, objid, objsubid) = ('advisory', 7061, 2, 2)) THEN
      RAISE EXCEPTION 'read models are switched under the log lock only';
    END IF;
    UPDATE public.read_model_schemas SET state = 'retired', name = prefix || name, built_to = head,
      changed_at = clock_timestamp() WHERE state = 'active';
    UPDATE public.read_model_schemas SET state = 'active', name = named, changed_at = clock_timestamp()
      WHERE name = chosen AND state <> 'active' AND built_to = head;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the read models of % are not built to the head of the log', chosen;
    END IF;
    EXECUTE format('ALTER SCHEMA %I RENAME TO %I', former, prefix || former);
    IF named <> chosen THEN
      EXECUTE format('ALTER SCHEMA %I RENAME TO %I', chosen, named);
    END IF;
    RETURN named;
  END $$`;

/** Lets `parley_owner` rename its schemas; the right is the database's, which a copy of the template does not inherit. */
export const LET_OWNER_NAME_SCHEMAS = `
  DO $do$ BEGIN
    EXECUTE format('GRANT CREATE ON DATABASE %I TO parley_owner', current_database());
  END $do$`;

/** The schemas of read models that a tenant's database has, and which of them is served. */
export class CreateReadModelSchemas1763700001050 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LET_OWNER_NAME_SCHEMAS);
    await runAs(runner, 'parley_owner', [
      ...TABLE,
      ACTIVATE,
      'REVOKE ALL ON FUNCTION activate_read_models(text) FROM PUBLIC',
      'GRANT EXECUTE ON FUNCTION activate_read_models(text) TO parley_app',
      'GRANT SELECT, UPDATE (built_to) ON read_model_schemas TO parley_app',
      'GRANT SELECT ON read_model_schemas TO parley_reader',
    ]);
  }

  async down(): Promise<void> {
    irreversible();
  }
}
