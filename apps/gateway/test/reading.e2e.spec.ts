import { describe, expect, it } from '@jest/globals';
import { anAccountEach } from './support/an-account-each.js';
import { type GatewayUnderTest, type Installation } from './support/gateway-under-test.js';
import { CONVERSATION, CONVERSATIONS, MESSAGE, MESSAGES } from './support/samples.js';

interface Page {
  readonly data: readonly { readonly conversation_id: string }[];
  readonly next_cursor: string | null;
  readonly as_of_position: number;
}

describe('reading back', () => {
  let installation: Installation;
  let gateway: GatewayUnderTest;
  let tenant: string;
  let key: string;
  anAccountEach((account) => ({ installation, gateway, tenant, key } = account));

  const read = (id: string, query = '') =>
    gateway.get(key, `${CONVERSATIONS}/${encodeURIComponent(id)}${query}`);

  async function list(query = ''): Promise<Page> {
    const answer = await gateway.get(key, `${CONVERSATIONS}${query}`);
    expect([answer.status, answer.text]).toMatchObject([200, expect.any(String)]);
    return answer.body as Page;
  }

  const ids = ({ data }: Page) => data.map(({ conversation_id }) => conversation_id);

  it('a conversation comes back as sent, with its messages and their logs', async () => {
    const logs = [{ name: 'Step Name', content: 'Step details or result' }];
    await gateway.post(key, CONVERSATIONS, { ...CONVERSATION, user_data: { source: 'app' } });
    await gateway.post(key, MESSAGES, { ...MESSAGE, logs });

    const { status, body } = await read('conv_001');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...CONVERSATION,
      user_data: { source: 'app' },
      messages: [{ ...MESSAGE, logs }],
    });
  });

  it('messages are ordered by their moment to the nanosecond, then by id', async () => {
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const sent = [
      ['b', '2024-01-15T10:31:00.000000001Z'],
      ['c', '2024-01-15T11:31:00+01:00'],
      ['a', '2024-01-15T10:31:00.000000002Z'],
      ['B', '2024-01-15T10:31:00Z'],
    ];
    for (const [message_id, timestamp] of sent) {
      await gateway.post(key, MESSAGES, { ...MESSAGE, message_id, timestamp });
    }

    const { messages } = (await read('conv_001')).body as { messages: { message_id: string }[] };

    expect(messages.map(({ message_id }) => message_id)).toEqual(['B', 'c', 'b', 'a']);
  });

  it('without an agent it is the one that this API wrote last, with an agent exactly that one', async () => {
    await importConversation('conv_001', 'imported');
    const only = await read('conv_001');
    await gateway.post(key, CONVERSATIONS, CONVERSATION);

    expect(only.body).toMatchObject({ agent: 'imported' });
    expect((await read('conv_001')).body).toMatchObject({ agent: 'support_bot_01' });
    expect((await read('conv_001', '?agent=imported')).body).toMatchObject({ agent: 'imported' });
    expect((await read('conv_001', '?agent_id=nobody')).status).toBe(404);
  });

  it('several that this API did not write are ambiguous', async () => {
    await importConversation('conv_001', 'one');
    await importConversation('conv_001', 'two');

    expect(await read('conv_001')).toMatchObject({
      status: 409,
      body: { code: 'ambiguous_conversation' },
    });
  });

  async function importConversation(conversation_id: string, agent_id: string): Promise<void> {
    await gateway.bus.accept({ tenant, door: 's3', conversation_id, agent_id });
  }

  it('nothing of another tenant is read, and absent and foreign look the same', async () => {
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const stranger = await installation.createKey(await installation.createTenant());

    const foreign = await gateway.get(stranger, `${CONVERSATIONS}/conv_001`);
    const absent = await gateway.get(stranger, `${CONVERSATIONS}/conv_002`);

    expect([foreign.status, foreign.text]).toEqual([404, absent.text]);
    expect((await gateway.get(stranger, CONVERSATIONS)).body).toMatchObject({ data: [] });
  });

  it('pages go through all conversations once, newest first, ties included', async () => {
    const sent = Array.from({ length: 7 }, (_, n) => ({
      ...CONVERSATION,
      conversation_id: `c${String(n)}`,
      timestamp: `2024-01-15T10:30:0${String(Math.floor(n / 2))}Z`,
    }));
    await gateway.post(key, CONVERSATIONS, sent);

    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await list(`?limit=2${cursor}`);
      seen.push(...ids(page));
      cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
    } while (cursor !== '');

    expect(seen.toSorted()).toEqual(sent.map(({ conversation_id }) => conversation_id));
    expect(seen[0]).toBe('c6');
    expect((await list()).as_of_position).toBe(7);
  });

  it('filters narrow a list down', async () => {
    const at = (conversation_id: string, agent: string, minute: string) => ({
      ...CONVERSATION,
      conversation_id,
      agent,
      timestamp: `2024-01-15T10:${minute}:00Z`,
    });
    await gateway.post(key, CONVERSATIONS, [
      at('x_1', 'a', '01'),
      at('x_2', 'b', '02'),
      at('%', 'a', '03'),
    ]);
    await gateway.post(key, MESSAGES, { ...MESSAGE, conversation_id: 'x_2', sender_id: 'eve' });

    expect(ids(await list('?agent=a'))).toEqual(['%', 'x_1']);
    expect(ids(await list('?agent_id=b'))).toEqual(['x_2']);
    expect(ids(await list('?conversation_id=x_1'))).toEqual(['x_1']);
    expect(ids(await list('?conversation_id_prefix=x_'))).toEqual(['x_2', 'x_1']);
    expect(ids(await list('?conversation_id_prefix=%25'))).toEqual(['%']);
    expect(ids(await list('?sender_id=eve'))).toEqual(['x_2']);
    expect(ids(await list('?from=2024-01-15T10:02:00Z&to=2024-01-15T10:03:00Z'))).toEqual(['x_2']);
  });

  it('a cursor is good only for its own tenant and filters', async () => {
    await gateway.post(key, CONVERSATIONS, [
      CONVERSATION,
      { ...CONVERSATION, conversation_id: 'c2' },
    ]);
    const { next_cursor } = await list('?limit=1');
    const stranger = await installation.createKey(await installation.createTenant());
    const query = `${CONVERSATIONS}?limit=1&cursor=${String(next_cursor)}`;

    expect((await gateway.get(key, query)).status).toBe(200);
    expect((await gateway.get(stranger, query)).status).toBe(422);
    expect((await gateway.get(key, `${query}&agent=x`)).status).toBe(422);
    expect((await gateway.get(key, `${CONVERSATIONS}?cursor=x`)).body).toMatchObject({
      detail: [{ loc: ['query', 'cursor'], type: 'bad_cursor' }],
    });
  });

  it('a deleted conversation is gone, and nothing revives it', async () => {
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    await gateway.post(key, MESSAGES, MESSAGE);
    const url = `${CONVERSATIONS}/conv_001`;

    const deleted = await gateway.call(key, { method: 'DELETE', url });

    expect([deleted.status, deleted.body]).toEqual([
      200,
      { conversation_id: 'conv_001', status: 'deleted' },
    ]);
    expect((await gateway.get(key, url)).status).toBe(404);
    expect(ids(await list())).toEqual([]);
    for (const [address, body] of [
      [CONVERSATIONS, CONVERSATION],
      [MESSAGES, MESSAGE],
    ] as const) {
      expect(await gateway.post(key, address, body)).toMatchObject({
        status: 409,
        body: { code: 'conversation_deleted' },
      });
    }
  });

  it.each([
    'a/b',
    'a%2Fb',
    '100%',
    '%',
    'x y',
    "'; DROP TABLE conversations; --",
    'é',
    'e\u0301',
    '🙂'.repeat(200),
    '?a=b#c',
    '+',
    '=1+1',
    'שלום',
    'con:v(1)',
  ])('an id like %j goes through the path unchanged', async (conversation_id) => {
    await gateway.post(key, CONVERSATIONS, { ...CONVERSATION, conversation_id });

    const answer = await read(conversation_id);

    expect([answer.status, answer.body]).toMatchObject([200, { conversation_id }]);
  });

  it.each([
    [`${CONVERSATIONS}/${'x'.repeat(201)}`, 422],
    [`${CONVERSATIONS}/a%00b`, 422],
    [`${CONVERSATIONS}/a%0Ab`, 422],
    [`${CONVERSATIONS}/%`, 400],
    [`${CONVERSATIONS}/%ff`, 400],
    [`${CONVERSATIONS}?limit=-1`, 422],
  ])('%s is answered by %i', async (url, status) => {
    const answer = await gateway.get(key, url);

    expect(answer.status).toBe(status);
    expect(answer.body).toHaveProperty('detail');
  });
});
