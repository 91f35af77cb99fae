import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { derivePassword, readSecret } from './secret.js';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'parley-secret-test-'));
});

afterEach(() => rm(home, { recursive: true, force: true }));

describe('the installation secret', () => {
  it('is made once, also by readers that come together, and only its owner may read it', async () => {
    const secrets = await Promise.all([1, 2, 3, 4].map(() => readSecret({ home })));
    expect(new Set(secrets.map(String)).size).toBe(1);
    expect((await stat(join(home, 'secret'))).mode & 0o777).toBe(0o600);
  });

  it('is taken from a given file, which must be there and long enough', async () => {
    const file = join(home, 'given');
    await expect(readSecret({ file, home })).rejects.toMatchObject({ code: 'ENOENT' });
    await writeFile(file, 'short\n');
    await expect(readSecret({ file, home })).rejects.toThrow('32 bytes');
    await writeFile(file, `${'x'.repeat(32)}\n`);
    expect(String(await readSecret({ file, home }))).toBe('x'.repeat(32));
  });

  it('derives one password per role', () => {
    const secret = Buffer.alloc(32, 1);
    expect(derivePassword(secret, 't_1_app')).toBe(derivePassword(secret, 't_1_app'));
    expect(derivePassword(secret, 't_1_app')).not.toBe(derivePassword(secret, 't_1_reader'));
  });
});
