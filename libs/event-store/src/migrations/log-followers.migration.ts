import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { irreversible, runAs } from './run-as.js';

const LOG_FOLLOWERS: readonly string[] = [
  `CREATE TABLE log_followers (
    name text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,
    leased_until timestamptz NOT NULL DEFAULT '-infinity') WITH (fillfactor = 50)`,
  `INSERT INTO log_followers (name) VALUES ('relay')`,
  'GRANT SELECT, UPDATE ON log_followers TO parley_app',
  'GRANT SELECT ON log_followers TO parley_reader',
];

/** How far those have got who work through the log in its order, and which process may go on. */
export class CreateLogFollowers1763700001070 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAs(runner, 'parley_owner', LOG_FOLLOWERS);
  }

  async down(): Promise<void> {
    irreversible();
  }
}
