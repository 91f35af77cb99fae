import { randomBytes } from 'node:crypto';
import { type ReadModelVersion } from '@parley/event-sourcing';
import { startTestServer } from '@parley/testing';
import pg from 'pg';
import { ControlDatabase, provision, Tenants } from '../src/index.js';

/** A read model, so that a tenant's database has a table that is read and written. */
export const models: readonly ReadModelVersion[] = [
  {
    version: 1,
    events: [],
    models: [
      {
        table: 'things',
        columns: { stream_id: { kind: 'uuid' } },
        touches: () => [''],
        project: (row) => row,
      },
    ],
  },
];

/** A provisioned server of its own, because the names of roles and databases are fixed. */
export async function anInstallation() {
  const server = await startTestServer();
  const secret = randomBytes(32);
  const adminUrl = server.url;
  await provision({ adminUrl, secret, models });
  const access = { serverUrl: adminUrl, secret };
  const control = await ControlDatabase.open(access);
  return {
    adminUrl,
    secret,
    access,
    control,
    tenants: new Tenants(control),
    stop: async () => {
      await control.close();
      await server.stop();
    },
  };
}

/** The rows of one query over one connection. */
export async function rowsOf(url: string, sql: string, values: unknown[] = []) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, values)).rows;
  } finally {
    await client.end();
  }
}
