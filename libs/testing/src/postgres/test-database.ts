import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { testParts } from '../config.js';

/** A database of one spec file; `url` is the superuser's. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** The superuser's URL of the one PostgreSQL server of this jest run; throws where the run has none. */
export function testServerUrl(): string {
  const { serverUrl } = testParts();
  if (!serverUrl)
    throw new Error('this jest run has no PostgreSQL: is the preset’s globalSetup used?');
  return serverUrl;
}

/** A fresh, empty database on the server of this jest run; drop it in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(`CREATE DATABASE ${name}`);
  const url = new URL(testServerUrl());
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => dropTestDatabase(name) };
}

async function dropTestDatabase(name: string): Promise<void> {
  if (!name.includes('test')) throw new Error(`${name} is not a test database`);
  await onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: testServerUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
