import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger, readSecret, startEmbeddedPostgres } from '@parley/platform';
import { eventually } from '@parley/testing';
import { installationSettings, openInstallation, provision } from '../src/index.js';
import { models, rowsOf } from './installation.js';

describe('a service that opens its installation', () => {
  let home: string;
  let server: Awaited<ReturnType<typeof startEmbeddedPostgres>>;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'parley-test-'));
    server = await startEmbeddedPostgres({ home });
    await writeFile(join(home, 'secret'), 's'.repeat(32), { mode: 0o600 });
    await provision({ adminUrl: server.url, secret: await readSecret({ home }), models });
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  });

  async function open(settings: Record<string, string> = {}): Promise<void> {
    const given = { DATABASE_URL: server.url, PARLEY_HOME: home, ...settings };
    const installation = await openInstallation(installationSettings.parse(given), {
      name: 'test',
      logger: createLogger({ service: 'test', level: 'silent' }),
    });
    await installation.close();
  }

  /** Switches a setting of the server, and waits until new connections see it. */
  async function set(name: string, sql: string, expected: string): Promise<void> {
    await rowsOf(server.url, sql);
    await rowsOf(server.url, 'SELECT pg_reload_conf()');
    await eventually(async () => {
      expect(await rowsOf(server.url, `SHOW ${name}`)).toEqual([{ [name]: expected }]);
    });
  }

  it('takes a server that keeps what was committed', async () => {
    await expect(open()).resolves.toBeUndefined();
  });

  it.each(['fsync', 'full_page_writes', 'synchronous_commit'])(
    'refuses a server with %s off, and takes it where loss is allowed',
    async (name) => {
      await set(name, `ALTER SYSTEM SET ${name} = off`, 'off');
      await expect(open()).rejects.toThrow(new RegExp(`\\(${name} is off\\).*ALLOW_DATA_LOSS`));
      await expect(open({ ALLOW_DATA_LOSS: 'true' })).resolves.toBeUndefined();
      await set(name, `ALTER SYSTEM RESET ${name}`, 'on');
    },
  );

  it('refuses a server with a role that does not wait for its commits', async () => {
    await rowsOf(server.url, 'ALTER ROLE parley_app SET synchronous_commit = false');
    await expect(open()).rejects.toThrow(/synchronous_commit=false of a role or database/);
    await rowsOf(server.url, 'ALTER ROLE parley_app RESET synchronous_commit');
  });
});
