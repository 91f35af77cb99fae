import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer } from '@parley/testing';
import { runCli } from '../src/run-cli.js';

describe('parley redaction', () => {
  let server: TestServer;
  let home: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'parley-cli-test-'));
    server = await startTestServer();
    await parley('tenants', 'create', 'acme');
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  });

  async function parley(...argv: string[]) {
    const written = { out: '', err: '' };
    const code = await runCli({
      argv: [...argv, '--json'],
      env: { DATABASE_URL: server.url, PARLEY_HOME: home },
      output: {
        out: (text) => void (written.out += text),
        err: (text) => void (written.err += text),
      },
    });
    return { code, document: JSON.parse(written.out || written.err) as unknown };
  }

  async function set(policy: unknown) {
    const file = join(home, 'policy.json');
    await writeFile(file, JSON.stringify(policy));
    return parley('redaction', 'set', '--tenant', 'acme', file);
  }

  it('shows what is in force: the default until another is set', async () => {
    const shown = () => parley('redaction', 'show', '--tenant', 'acme');
    const policy = { missing_info_fields: true, fields: [], validators: [] };
    expect(await shown()).toMatchObject({ code: 0, document: { id: 0, policy, set_by: null } });
    const validators = [{ kind: 'email', action: 'mask' }];
    const changed = { code: 0, document: { policy: { ...policy, validators }, set_by: 'cli' } };
    expect(await set({ validators })).toMatchObject(changed);
    expect(await shown()).toMatchObject(changed);
  });

  it('refuses what is no policy, and says where', async () => {
    expect(await set({ validators: [{ kind: 'email', action: 'hide' }] })).toMatchObject({
      code: 1,
      document: {
        error: {
          code: 'redaction/invalid',
          message: expect.stringMatching(/validators\.0\.action/),
        },
      },
    });
  });
});
