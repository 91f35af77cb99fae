import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { eventually, runTypeScript, startTestServer } from '../src/index.js';

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

describe('a test server', () => {
  it('answers until it is stopped', async () => {
    const server = await startTestServer();
    expect(await answers(server.url)).toBe(true);
    await server.stop();
    expect(await answers(server.url)).toBe(false);
  });

  it('ends with the process that started it, however that ends', async () => {
    const file = fileURLToPath(new URL('./server-owner.ts', import.meta.url));
    const owner = runTypeScript(file, { env: { PATH: '/usr/bin:/bin' } });
    const [line] = (await once(owner.stdout!, 'data')) as [Buffer];
    const url = line.toString().trim();
    expect(await answers(url)).toBe(true);
    owner.kill('SIGKILL');
    await eventually(async () => !(await answers(url)), { timeoutMs: 10_000 });
  }, 30_000);
});
