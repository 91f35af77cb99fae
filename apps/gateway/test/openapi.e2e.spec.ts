import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type OpenAPIObject } from '@nestjs/swagger';
import { GatewayUnderTest, install, type Installation } from './support/gateway-under-test.js';
import { CONVERSATIONS, MESSAGES } from './support/samples.js';

describe('the description of the API', () => {
  let installation: Installation;
  let gateway: GatewayUnderTest;
  let description: OpenAPIObject;

  beforeAll(async () => {
    installation = await install();
    gateway = await GatewayUnderTest.start(installation);
    description = (await gateway.get(null, '/openapi.json')).body as OpenAPIObject;
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
    await installation.stop();
  });

  it('names every operation that there is', () => {
    const operations = Object.entries(description.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );

    expect(operations).toEqual(
      expect.arrayContaining([
        'GET /api/freshness',
        'POST /api/conversations',
        'GET /api/conversations',
        'GET /api/conversations/{conversation_id}',
        'DELETE /api/conversations/{conversation_id}',
        'POST /api/messages',
        'GET /api/conversations/{conversation_id}/diff',
        'GET /api/ingest/receipts',
        'GET /api/ingest/receipts/{receipt_id}',
        'POST /api/ingest/reconcile',
        'POST /api/keys',
        'GET /api/keys',
        'DELETE /api/keys/{id}',
      ]),
    );
  });

  it('every operation of the API tells its errors, its limits and that it needs a key', () => {
    const items = Object.entries(description.paths).filter(([path]) => path.startsWith('/api/'));
    for (const operation of items.flatMap(([, item]) => Object.values(item) as object[])) {
      expect(operation).toHaveProperty('responses.401');
      expect(operation).toHaveProperty('responses.429');
      expect(operation).toHaveProperty('summary');
    }
    expect(description.security).toEqual([{ 'api-key': [] }]);
    expect(description.info.description).toContain('429');
  });

  it('its own examples are accepted as they stand', async () => {
    const key = await installation.createKey(await installation.createTenant());
    for (const url of [CONVERSATIONS, MESSAGES]) {
      const content = description.paths[url]?.post?.requestBody;
      const [single] =
        (content as { content: Record<string, { schema: { oneOf: { example: unknown }[] } }> })
          .content['application/json']?.schema.oneOf ?? [];
      expect((await gateway.post(key, url, single?.example)).status).toBe(200);
    }
  });

  it('people get a page that runs no code but its own', async () => {
    const page = await gateway.get(null, '/docs');
    expect(page.text).toContain('swagger-ui');
    expect(page.text).not.toMatch(/<script>[^<]/);
    expect(String(page.headers['content-security-policy'])).toContain("default-src 'self'");
    expect((await gateway.get(null, '/docs/swagger-ui-init.js')).status).toBe(200);
    expect((await gateway.get(null, '/docs/swagger-ui-bundle.js')).status).toBe(200);
  });
});
