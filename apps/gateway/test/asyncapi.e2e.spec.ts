import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodePartnerRecord, type Json, type JsonObject } from '@parley/contracts';
import { Ajv } from 'ajv';
import { GatewayUnderTest, install, type Installation } from './support/gateway-under-test.js';

const rules = createRequire(import.meta.url)(
  '@asyncapi/specs/schemas/3.0.0-without-$id.json',
) as JsonObject;

describe('the description of partners’ topics', () => {
  let installation: Installation;
  let gateway: GatewayUnderTest;
  let description: JsonObject;

  beforeAll(async () => {
    installation = await install();
    gateway = await GatewayUnderTest.start(installation);
    description = (await gateway.get(null, '/asyncapi.json')).body as JsonObject;
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
    await installation.stop();
  });

  it('is AsyncAPI 3.0, and every reference in it leads somewhere', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    const isValid = ajv.compile(rules);
    expect([isValid(description), isValid.errors]).toEqual([true, null]);
    expect(isValid({ ...description, channels: 'none' })).toBe(false);
    const references = [...JSON.stringify(description).matchAll(/"\$ref":"#\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(5);
    for (const [, path = ''] of references) {
      const found = path
        .split('/')
        .reduce<Json | undefined>(
          (value, step) => (value as JsonObject | undefined)?.[step],
          description,
        );
      expect(found).toBeDefined();
    }
  });

  it('has examples that the door takes as they stand, and that its schemas take', async () => {
    const { schemas } = description['components'] as {
      schemas: Record<string, { examples: Json[] }>;
    };
    expect(Object.keys(schemas)).toEqual(['ConversationRecord', 'MessageRecord']);
    for (const [name, { examples }] of Object.entries(schemas)) {
      const { body } = await gateway.get(null, `/schemas/${name}.json`);
      const accepts = new Ajv({ formats: { 'date-time': true } }).compile(body as JsonObject);
      for (const example of examples) {
        expect(accepts(example)).toBe(true);
        const record = { headers: {}, value: Buffer.from(JSON.stringify(example)) };
        const decoded = decodePartnerRecord(record, { tenantNames: [], now: Date.now() });
        expect(decoded).toMatchObject({ ok: true, warnings: [] });
      }
    }
    expect((await gateway.get(null, '/schemas/toString.json')).status).toBe(404);
  });

  it('is a page for people, too, that runs no code', async () => {
    const page = await gateway.get(null, '/docs/kafka');
    expect(page.status).toBe(200);
    expect(page.text).toContain('partners.{tenant}.conversations.v1');
    for (const name of [
      'agent_id',
      'messages[].content',
      'missing_info.fields',
      'tenant_mismatch',
    ]) {
      expect(page.text).toContain(`<code>${name}</code>`);
    }
    expect(page.text).not.toContain('<script');
    expect((await gateway.get(null, '/docs')).text).toContain('swagger-ui');
  });
});
