import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Which records of which tenant were passed over on the bus while its database was away. */
export class CreateParked1792800001000 implements MigrationInterface {
  name = 'CreateParked1792800001000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE parked (
        bus_id text,
        incarnation int,
        consumer_group text,
        topic text,
        partition int,
        tenant_id text REFERENCES tenants,
        skipped_from bigint NOT NULL,
        skipped_to bigint NOT NULL CHECK (skipped_to > skipped_from),
        records bigint NOT NULL,
        parked_at timestamptz NOT NULL DEFAULT now(),
        held_until timestamptz NOT NULL DEFAULT '-infinity',
        PRIMARY KEY (bus_id, incarnation, consumer_group, topic, partition, tenant_id)
      ) WITH (fillfactor = 50);
      GRANT SELECT, INSERT, UPDATE, DELETE ON parked TO parley_service;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE parked');
  }
}
