import { type QueryRunner } from 'typeorm';

/** Runs statements of a migration as the role that is to own what they make. */
export async function runAs(
  runner: QueryRunner,
  role: string,
  statements: readonly string[],
): Promise<void> {
  await runner.query(`SET LOCAL ROLE ${role}`);
  for (const statement of statements) await runner.query(statement);
  await runner.query('RESET ROLE');
}

/** What every migration of a tenant's database answers when it is asked to go back. */
export function irreversible(): never {
  throw new Error('a log is never migrated back');
}
