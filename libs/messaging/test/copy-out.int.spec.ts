import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@parley/testing';
import pg from 'pg';
import { copyOut } from '../src/embedded/copy-out.js';

const ONE = 'COPY (SELECT 1) TO STDOUT';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url, query_timeout: 500 });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const timeouts = () => process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length;

it('a copy leaves nothing behind that waits for its time-out, failed or not', async () => {
  const before = timeouts();
  expect(String(await copyOut(client, ONE))).toBe('1\n');
  await expect(copyOut(client, 'COPY nothing TO STDOUT')).rejects.toMatchObject({ code: '42P01' });
  expect(timeouts()).toBeLessThanOrEqual(before);
});

it('a copy that takes too long fails', async () => {
  const slow = copyOut(client, 'COPY (SELECT pg_sleep(0.7)) TO STDOUT');
  await expect(slow).rejects.toThrow('Query read timeout');
  expect(String(await copyOut(client, ONE))).toBe('1\n');
});
