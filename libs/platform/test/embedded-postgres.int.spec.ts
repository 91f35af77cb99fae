import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startEmbeddedPostgres } from '../src/index.js';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'parley-home-test-'));
});

afterEach(() => rm(home, { recursive: true, force: true }));

async function ask(url: string, query: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<{ answer: unknown }>(query)).rows[0]?.answer;
  } finally {
    await client.end();
  }
}

describe('the embedded PostgreSQL', () => {
  it('keeps what was written, is durable by default, and shows its password to its owner only', async () => {
    const first = await startEmbeddedPostgres({ home });
    await ask(first.url, 'CREATE TABLE kept AS SELECT 7 AS answer');
    expect(await ask(first.url, "SELECT current_setting('fsync') AS answer")).toBe('on');
    await first.stop();
    const second = await startEmbeddedPostgres({ home });
    expect(await ask(second.url, 'SELECT answer FROM kept')).toBe(7);
    await second.stop();
    const { mode } = await stat(join(home, 'postgres-password'));
    expect(mode & 0o777).toBe(0o600);
  });

  it('is shared by those who start it together, and runs until the last of them stops', async () => {
    const all = await Promise.all(
      [1, 2, 3].map(() => startEmbeddedPostgres({ home, isDurable: false })),
    );
    expect(new Set(all.map(({ url }) => url)).size).toBe(1);
    const [first, second, third] = all;
    await Promise.all([first?.stop(), second?.stop()]);
    expect(await ask(third!.url, 'SELECT 1 AS answer')).toBe(1);
    await third!.stop();
    await expect(ask(third!.url, 'SELECT 1 AS answer')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });

  it('writes no statement into its own log', async () => {
    const server = await startEmbeddedPostgres({ home, isDurable: false });
    await expect(ask(server.url, `SELECT 'private words'::int`)).rejects.toThrow();
    const log = await readFile(join(home, 'postgres', 'server.log'), 'utf8');
    expect(log).not.toContain('SELECT');
    await server.stop();
  });
});
