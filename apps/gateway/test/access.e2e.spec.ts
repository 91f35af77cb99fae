import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type OpenAPIObject } from '@nestjs/swagger';
import { eventually } from '@parley/testing';
import { type HTTPMethods } from 'fastify';
import { GatewayUnderTest, install, type Installation } from './support/gateway-under-test.js';
import { CONVERSATION, CONVERSATIONS, MESSAGE, MESSAGES } from './support/samples.js';

const PUBLIC = ['/health/live', '/health/ready', '/metrics', '/openapi.json', '/docs'];

/** A key that nobody was given, of the right form and checksum: how they are made is no secret. */
function inventedKey(n: number): string {
  const random = String(n).padStart(32, '0');
  let rest = crc32(random);
  let checksum = '';
  for (; checksum.length < 6; rest = Math.floor(rest / 62)) checksum = base62(rest % 62) + checksum;
  return `avk_${random}${checksum}`;
}

const base62 = (digit: number): string =>
  digit < 36
    ? digit < 10
      ? String(digit)
      : digit.toString(36).toUpperCase()
    : (digit - 26).toString(36);

describe('access', () => {
  let installation: Installation;
  let gateway: GatewayUnderTest;
  let tenant: string;
  let operations: { readonly method: HTTPMethods; readonly url: string }[];

  beforeAll(async () => {
    installation = await install();
    gateway = await GatewayUnderTest.start(installation);
    tenant = await installation.createTenant();
    const { paths } = (await gateway.get(null, '/openapi.json')).body as OpenAPIObject;
    operations = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => ({
        method: method.toUpperCase(),
        url: path.replaceAll(/\{\w+\}/g, 'some-id'),
      })),
    );
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
    await installation.stop();
  });

  it('every described operation asks for a credential, but for the public ones', async () => {
    const asked = operations.filter(({ url }) => !PUBLIC.includes(url));
    expect(asked.length).toBeGreaterThanOrEqual(9);
    for (const operation of asked) {
      const answer = await gateway.call(null, operation);

      expect([operation, answer.status, answer.body]).toMatchObject([
        operation,
        401,
        { code: 'unauthorized', detail: expect.any(String) },
      ]);
      expect(answer.headers['www-authenticate']).toBeDefined();
    }
  });

  it('what is public is a short list', async () => {
    for (const url of PUBLIC)
      expect([url, (await gateway.get(null, url)).status]).toEqual([url, 200]);
  });

  it('no other form of a path or method gets by without a credential', async () => {
    const forms = (url: string) => [
      `${url}/`,
      `/${url}`,
      url.toUpperCase(),
      url.replace('/api', '/API'),
      url.replace('/api', '/%61pi'),
      url.replace('/api', '/./api'),
      `${url};x=1`,
      url.replace('/api', '//api'),
      `${url}%2f`,
      `${url}?x`,
      url.replace('/api/', '/api%2f'),
      `http://elsewhere${url}`,
    ];
    const methods: HTTPMethods[] = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'];
    for (const { url } of operations.filter((one) => !PUBLIC.includes(one.url))) {
      for (const form of [url, ...forms(url)]) {
        for (const method of methods) {
          const { status } = await gateway.call(null, { method, url: form });
          expect([method, form, status >= 400]).toEqual([method, form, true]);
        }
      }
    }
  });

  it.each([
    ['a key that never was', `avk_${'0'.repeat(38)}`],
    ['the key of the documentation', 'avk_f623d99c542ab07d9545XXXX'],
    ['no key at all', ''],
    ['something long', 'x'.repeat(5_000)],
  ])('%s is refused', async (_what, key) => {
    expect(await gateway.get(key, CONVERSATIONS)).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
  });

  it('a stranger’s body is refused before it is read', async () => {
    const answer = await gateway.post(null, MESSAGES, Buffer.from('{'.repeat(2_000_000)));

    expect(answer.status).toBe(401);
  });

  it('a key that comes twice, or with another credential, is refused', async () => {
    const key = await installation.createKey(tenant);
    const twice = await gateway.get(`${key}, ${key}`, CONVERSATIONS);
    const both = await gateway.call(key, {
      method: 'GET',
      url: CONVERSATIONS,
      headers: { authorization: 'Bearer x' },
    });

    expect([twice.status, both.status]).toEqual([400, 401]);
  });

  it('a key does only what its scopes allow', async () => {
    const can = async (scope: string) => {
      const key = await installation.createKey(tenant, [scope]);
      const calls = [
        gateway.post(key, CONVERSATIONS, CONVERSATION),
        gateway.post(key, MESSAGES, { ...MESSAGE, conversation_id: 'x' }),
        gateway.call(key, { method: 'DELETE', url: `${CONVERSATIONS}/x` }),
        gateway.get(key, CONVERSATIONS),
        gateway.get(key, `${CONVERSATIONS}/x`),
        gateway.get(key, '/api/keys'),
        gateway.post(key, '/api/keys', { scopes: ['read'] }),
      ];
      return (await Promise.all(calls)).map(({ status }) => status);
    };

    expect(await can('ingest')).toEqual([200, 404, 404, 403, 403, 403, 403]);
    expect(await can('read')).toEqual([403, 403, 403, 200, 404, 403, 403]);
    expect(await can('chat')).toEqual([403, 403, 403, 403, 403, 403, 403]);
    expect(await can('admin')).toEqual([403, 403, 403, 403, 403, 200, 201]);
  });

  it('a key is shown once, listed without itself, and dead within 5 seconds of its deletion', async () => {
    const admin = await installation.createKey(tenant, ['admin']);
    const created = await gateway.post(admin, '/api/keys', { name: 'ci', scopes: ['read'] });
    const { id, key, prefix } = created.body as { id: string; key: string; prefix: string };
    expect(created.status).toBe(201);
    expect((await gateway.get(key, CONVERSATIONS)).status).toBe(200);

    const listed = await gateway.get(admin, '/api/keys');
    expect(listed.text).toContain(id);
    expect(listed.text).not.toContain(key);
    expect(key.startsWith(prefix)).toBe(true);

    const stranger = await installation.createKey(await installation.createTenant(), ['admin']);
    const url = `/api/keys/${id}`;
    expect((await gateway.call(stranger, { method: 'DELETE', url })).status).toBe(404);
    expect((await gateway.call(admin, { method: 'DELETE', url })).body).toEqual({
      id,
      status: 'deleted',
    });
    await eventually(async () => expect((await gateway.get(key, CONVERSATIONS)).status).toBe(401), {
      timeoutMs: 5_000,
    });
  });

  it.each([
    [{}, 'wrong_type'],
    [{ scopes: [] }, 'out_of_range'],
    [{ scopes: ['root'] }, 'out_of_range'],
    [{ scopes: ['read'], tenant: 't_0' }, 'out_of_range'],
    [{ scopes: ['read'], expires_at: '2020-01-01T00:00:00Z' }, 'out_of_range'],
    [{ scopes: ['read'], name: 'a\nb' }, 'out_of_range'],
    ['{', 'wrong_type'],
  ])('a key cannot be made of %j', async (body, type) => {
    const admin = await installation.createKey(tenant, ['admin']);

    expect(await gateway.post(admin, '/api/keys', body)).toMatchObject({
      status: 422,
      body: { detail: [{ type }] },
    });
  });

  it('limits of a key and of its tenant are answered by 429, and another tenant goes on', async () => {
    const limited = await GatewayUnderTest.start(installation, {
      KEY_ITEMS_PER_MINUTE: 5,
      TENANT_ITEMS_PER_MINUTE: 8,
    });
    const [key, second] = [
      await installation.createKey(tenant),
      await installation.createKey(tenant),
    ];
    const batch = (count: number) =>
      Array.from({ length: count }, (_, n) => ({
        ...CONVERSATION,
        conversation_id: `l${String(n)}`,
      }));

    const taken = await limited.post(key, CONVERSATIONS, batch(5));
    const beyond = await limited.post(key, CONVERSATIONS, batch(1));
    const published = limited.bus.published.length;
    const accountBeyond = await limited.post(second, CONVERSATIONS, batch(4));
    const stranger = await installation.createKey(await installation.createTenant());

    expect([taken.status, beyond.status, accountBeyond.status]).toEqual([200, 429, 429]);
    expect(beyond.body).toMatchObject({ code: 'rate_limited' });
    expect(Number(beyond.headers['retry-after'])).toBeGreaterThan(0);
    expect(limited.bus.published).toHaveLength(published);
    expect((await limited.get(stranger, CONVERSATIONS)).status).toBe(200);
    await limited.stop();
  });

  it('an address that tries key after key is told to wait, and costs no query more; keys in use go on', async () => {
    const guarded = await GatewayUnderTest.start(installation, { INVALID_KEYS_PER_MINUTE: 20 });
    const key = await installation.createKey(tenant);
    expect((await guarded.get(key, CONVERSATIONS)).status).toBe(200);
    const asked = jest.spyOn(installation.control.rows, 'findOneBy');
    const statuses: number[] = [];
    for (let n = 0; n < 60; n += 1) {
      statuses.push((await guarded.get(inventedKey(n), CONVERSATIONS)).status);
    }

    expect(statuses).toEqual([...Array<number>(20).fill(401), ...Array<number>(40).fill(429)]);
    expect(asked.mock.calls.length).toBeLessThanOrEqual(21);
    asked.mockRestore();
    expect((await guarded.get(key, CONVERSATIONS)).status).toBe(200);
    await guarded.stop();
  });
});
