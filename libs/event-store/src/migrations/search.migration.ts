import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { createSearchIndexes, createSearchTables, SEARCH_SCHEMA } from '../search/search-schema.js';
import { irreversible, runAs } from './run-as.js';

// Both are trusted: an administrator who is no superuser may make them.
const EXTENSIONS = [
  'CREATE SCHEMA search AUTHORIZATION parley_owner',
  'CREATE EXTENSION pg_trgm WITH SCHEMA search',
  'CREATE EXTENSION unaccent WITH SCHEMA search',
];

// Of every configuration that this server has a copy that finds a word with and without its accents.
const CONFIGURATIONS = `
  DO $do$
  DECLARE
    configuration record;
  BEGIN
    FOR configuration IN
      SELECT c.cfgname AS name, d.dictname AS dictionary FROM pg_ts_config c
        JOIN pg_namespace n ON n.oid = c.cfgnamespace AND n.nspname = 'pg_catalog'
        JOIN pg_ts_config_map m ON m.mapcfg = c.oid AND m.maptokentype =
          (SELECT tokid FROM ts_token_type('default') WHERE alias = 'word')
        JOIN pg_ts_dict d ON d.oid = m.mapdict
    LOOP
      EXECUTE format('CREATE TEXT SEARCH CONFIGURATION search.%I (COPY = pg_catalog.%I)',
        configuration.name, configuration.name);
      EXECUTE format('ALTER TEXT SEARCH CONFIGURATION search.%I ALTER MAPPING FOR word, hword, hword_part '
        'WITH search.unaccent, pg_catalog.%I', configuration.name, configuration.dictionary);
    END LOOP;
  END $do$`;

/** What texts are found by: text search configurations, and the index that is filled behind the log. */
export class CreateSearch1763700001080 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of EXTENSIONS) await runner.query(statement);
    await runAs(runner, 'parley_owner', [
      CONFIGURATIONS,
      'GRANT USAGE ON SCHEMA search TO parley_app, parley_reader',
    ]);
    await createSearchTables(runner, SEARCH_SCHEMA);
    await createSearchIndexes(runner, SEARCH_SCHEMA);
  }

  async down(): Promise<void> {
    irreversible();
  }
}
