import { type MigrationInterface, type QueryRunner } from 'typeorm';

const ACCOUNTS = `
  CREATE TABLE tenants (
    id text PRIMARY KEY CHECK (id ~ '^t_[0-9a-f]{20}$'),
    name text NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 1 AND 100),
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE placements (
    tenant_id text PRIMARY KEY REFERENCES tenants,
    server text NOT NULL
  );
  CREATE TABLE credentials (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    tenant_id text NOT NULL REFERENCES tenants,
    name text CHECK (char_length(name) BETWEEN 1 AND 100),
    digest bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    prefix text NOT NULL,
    last4 text NOT NULL,
    scopes text[] NOT NULL CHECK (scopes <@ '{ingest,read,chat,admin}'),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
  );
  CREATE INDEX credentials_of_tenant ON credentials (tenant_id, created_at);
  GRANT SELECT ON tenants, placements TO parley_service;
  GRANT SELECT, INSERT, UPDATE (revoked_at) ON credentials TO parley_service;`;

const UNROUTABLE_RECORDS = `
  CREATE TABLE unroutable_records (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    arrived_at timestamptz NOT NULL DEFAULT now(),
    reason text NOT NULL,
    bus_id text NOT NULL,
    incarnation int NOT NULL,
    consumer_group text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    "offset" bigint NOT NULL,
    record_key bytea,
    headers json NOT NULL,
    value bytea,
    UNIQUE (bus_id, incarnation, consumer_group, topic, partition, "offset")
  );
  GRANT SELECT, INSERT, DELETE ON unroutable_records TO parley_service;`;

/** The control database: tenants, where their databases are, credentials, and records of nobody. */
export class CreateControl1792800000000 implements MigrationInterface {
  name = 'CreateControl1792800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ACCOUNTS);
    await runner.query(UNROUTABLE_RECORDS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE unroutable_records, credentials, placements, tenants');
  }
}
