import { type MigrationInterface, type QueryRunner } from 'typeorm';

const PARTNERS = `
  CREATE TABLE partners (
    tenant_id text PRIMARY KEY REFERENCES tenants,
    topic text NOT NULL UNIQUE,
    principal text CHECK (char_length(principal) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL DEFAULT now()
  );
  GRANT SELECT, INSERT, UPDATE (principal) ON partners TO parley_service;`;

/** The topics that partners of tenants produce to. */
export class CreatePartners1792800001010 implements MigrationInterface {
  name = 'CreatePartners1792800001010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PARTNERS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE partners');
  }
}
