import { type Column, type ReadModel } from '@parley/event-sourcing';
import { kindOf, quoted } from '../copy/columns.js';

/** Anything that runs SQL: a pg client, a TypeORM query runner. */
export interface SqlRunner {
  query(sql: string): Promise<unknown>;
}

/**
 * Makes a schema with the tables of the read models, owned by `parley_owner`, writable by the runtime role and
 * readable by the reader role. For an administrator, within a transaction.
 */
export async function createReadModelSchema(
  client: SqlRunner,
  schema: string,
  models: readonly ReadModel[],
): Promise<void> {
  const name = quoted(schema);
  await client.query(`CREATE SCHEMA ${name} AUTHORIZATION parley_owner`);
  await client.query('SET LOCAL ROLE parley_owner');
  for (const model of models)
    for (const sql of tableStatements(`${name}.${quoted(model.table)}`, model))
      await client.query(sql);
  await client.query(`GRANT USAGE ON SCHEMA ${name} TO parley_app, parley_reader`);
  await client.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ${name} TO parley_reader`);
  await client.query(
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${name} TO parley_app`,
  );
  await client.query('RESET ROLE');
}

/** The DDL of one read model; `temporary` for a copy that only this session sees. */
export function tableStatements(name: string, model: ReadModel, temporary = false): string[] {
  const columns = Object.entries<Column>(model.columns).map(
    ([column, { kind, nullable }]) =>
      `${quoted(column)} ${kindOf(kind).type}${kind === 'text' ? ' COLLATE "C"' : ''}${nullable ? '' : ' NOT NULL'}`,
  );
  const key = [['stream_id', ...(model.item ? [model.item] : [])]];
  const constraints = [
    ...key.map((names) => `PRIMARY KEY ${list(names)}`),
    // Checked at the end of a statement: two rows may change places in one.
    ...(model.unique ?? []).map((names) => `UNIQUE ${list(names)} DEFERRABLE INITIALLY IMMEDIATE`),
  ];
  return [
    // Room on the page keeps an update of a row off the indexes.
    `CREATE ${temporary ? 'TEMPORARY ' : ''}TABLE ${name} (${[...columns, ...constraints].join(', ')}) WITH (fillfactor = 80)`,
    ...(model.indexes ?? []).map((names) => `CREATE INDEX ON ${name} ${list(names)}`),
  ];
}

function list(names: readonly string[]): string {
  return `(${names.map(quoted).join(', ')})`;
}
