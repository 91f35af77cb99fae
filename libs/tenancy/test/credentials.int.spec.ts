import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@parley/testing';
import { createApiKey } from '../src/credentials/api-key.js';
import { ControlDatabase, Credentials } from '../src/index.js';
import { databaseUrl } from '../src/provisioning/role-url.js';
import { anInstallation, rowsOf } from './installation.js';

let at: Awaited<ReturnType<typeof anInstallation>>;
let credentials: Credentials;
let tenant: string;

beforeAll(async () => {
  at = await anInstallation();
  credentials = new Credentials(at.control);
  tenant = (await at.tenants.create('bearer', at.adminUrl)).id;
}, 60_000);

afterAll(() => at.stop());

const anApiKey = (more: object = {}) => credentials.create({ tenant, kind: 'api-key', ...more });

describe('a credential', () => {
  it('says who its bearer is and what they may do', async () => {
    const made = await anApiKey({ scopes: ['admin', 'read'] });
    expect(made.credential).toMatchObject({ kind: 'api-key', tenantId: tenant });
    expect(await credentials.authenticate(made.key)).toEqual({
      tenantId: tenant,
      credentialId: made.credential.id,
      kind: 'api-key',
      scopes: ['read', 'admin'],
    });
  });

  it('may not manage keys unless it was asked for that', async () => {
    const { key } = await anApiKey();
    expect(await credentials.authenticate(key)).toMatchObject({
      scopes: ['ingest', 'read', 'chat'],
    });
  });

  it('is nobody’s when it was never issued', async () => {
    expect(await credentials.authenticate(createApiKey())).toBeNull();
  });

  it('is refused without a query when its form or checksum is wrong', async () => {
    const { key } = await anApiKey();
    const control = await ControlDatabase.open(at.access);
    const withoutDatabase = new Credentials(control);
    await control.close();
    const swapped = key.at(-1) === 'a' ? 'b' : 'a';
    for (const bad of ['', 'avk_', key.slice(0, -1), `${key.slice(0, -1)}${swapped}`, `${key}\n`]) {
      expect(await withoutDatabase.authenticate(bad)).toBeNull();
    }
    await expect(withoutDatabase.authenticate(key)).rejects.toThrow();
  });

  it('ends at its expiry, also where it is remembered', async () => {
    const { key } = await anApiKey({ expiresAt: new Date(Date.now() + 400) });
    expect(await credentials.authenticate(key)).not.toBeNull();
    await eventually(async () => (await credentials.authenticate(key)) === null, {
      timeoutMs: 2_000,
    });
  });

  it('ends everywhere within 5 s of being revoked, and at once where it was revoked', async () => {
    const { credential, key } = await anApiKey();
    const elsewhere = new Credentials(at.control);
    expect(await elsewhere.authenticate(key)).not.toBeNull();
    expect(await credentials.authenticate(key)).not.toBeNull();
    expect(await credentials.revoke(credential.id)).toBe(true);
    expect(await credentials.authenticate(key)).toBeNull();
    await eventually(async () => (await elsewhere.authenticate(key)) === null, {
      timeoutMs: 5_000,
    });
    expect(await credentials.revoke(credential.id)).toBe(false);
  }, 15_000);

  it('is revoked at once also where it, and others, are being looked up', async () => {
    const { credential, key } = await anApiKey();
    const { rows } = at.control;
    const look = rows.findOneBy.bind(rows);
    const { promise: revoked, resolve } = Promise.withResolvers<boolean>();
    let read = 0;
    const slow = jest.spyOn(rows, 'findOneBy').mockImplementation(async (...which) => {
      const row = await look(...which);
      read += 1;
      await revoked;
      return row;
    });
    const lookedUp = [createApiKey(), key].map((one) => credentials.authenticate(one));
    await eventually(() => read === 2);
    resolve(await credentials.revoke(credential.id));

    const [stranger, former] = await Promise.all(lookedUp);
    expect([stranger, former?.credentialId]).toEqual([null, credential.id]);
    expect(await credentials.authenticate(key)).toBeNull();
    slow.mockRestore();
  });

  it('that is a stranger’s is asked for only where the caller lets it', async () => {
    const { credential, key } = await anApiKey();
    const refuse = () => Promise.reject(new Error('no strangers'));
    await expect(credentials.authenticate(key, refuse)).rejects.toThrow('no strangers');
    expect(await credentials.authenticate(key)).not.toBeNull();
    expect(await credentials.authenticate(key, refuse)).not.toBeNull();
    await credentials.revoke(credential.id);
    await expect(credentials.authenticate(key, refuse)).rejects.toThrow('no strangers');
  });

  it('is revoked and listed by its own tenant only', async () => {
    const other = (await at.tenants.create('not the bearer', at.adminUrl)).id;
    const { credential, key } = await anApiKey({ name: 'reporting' });
    expect(await credentials.revoke(credential.id, other)).toBe(false);
    expect(await credentials.list(other)).toEqual([]);
    const listed = (await credentials.list(tenant)).find(({ id }) => id === credential.id);
    expect(listed).toEqual(credential);
    expect(listed).toMatchObject({
      name: 'reporting',
      prefix: key.slice(0, 8),
      last4: key.slice(-4),
      createdAt: expect.any(Date),
    });
    expect(JSON.stringify(listed)).not.toContain('digest');
    expect(await credentials.revoke('not an id', tenant)).toBe(false);
  });

  it('is in no table of the control database', async () => {
    const keys = await Promise.all(Array.from({ length: 50 }, async () => (await anApiKey()).key));
    const url = databaseUrl(at.adminUrl, 'parley_control').href;
    const tables = await rowsOf(
      url,
      `SELECT format('%I', tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    const texts = await Promise.all(
      tables.map(({ name }) => rowsOf(url, `SELECT t::text FROM ${String(name)} t`)),
    );
    const dump = JSON.stringify(texts);
    expect(dump).toContain(tenant);
    expect(keys.filter((key) => dump.includes(key.slice(8, -4)))).toEqual([]);
  });
});

describe('a credential that cannot be made', () => {
  it.each([
    ['credential/unsupported-kind', { kind: 'agent-secret' }],
    ['credential/invalid', { scopes: [] }],
    ['credential/invalid', { scopes: ['read', 'everything'] }],
    ['credential/invalid', { name: 'a\0b' }],
    ['credential/invalid', { expiresAt: new Date(0) }],
    ['credential/invalid', { expiresAt: new Date(NaN) }],
    ['tenant/unknown', { tenant: `t_${'0'.repeat(20)}` }],
  ])('is refused as %s for %j', async (code, wrong) => {
    await expect(anApiKey(wrong)).rejects.toMatchObject({ code });
  });
});
