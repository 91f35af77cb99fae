import { describe, expect, it } from '@jest/globals';
import { followSearch } from '@parley/search';
import { anAccountEach } from './support/an-account-each.js';
import {
  type Answer,
  type GatewayUnderTest,
  type Installation,
} from './support/gateway-under-test.js';
import { CONVERSATION, CONVERSATIONS, MESSAGE, MESSAGES } from './support/samples.js';

interface Listed {
  readonly conversation_id: string;
  readonly message_count: number;
  readonly match?: { readonly message_id: string | null; readonly excerpt: string };
}

interface Page {
  readonly data: readonly Listed[];
  readonly next_cursor: string | null;
  readonly as_of_position: number;
  readonly search_as_of_position?: number;
}

describe('searching conversations', () => {
  let installation: Installation;
  let gateway: GatewayUnderTest;
  let tenant: string;
  let key: string;
  anAccountEach((account) => ({ installation, gateway, tenant, key } = account), {
    READ_AFTER_TIMEOUT_MS: 300,
  });

  const index = async () =>
    followSearch(await installation.databases.pool(tenant, 'app'), new AbortController().signal);

  function search(q: string, other = '', headers: Record<string, string> = {}): Promise<Answer> {
    return gateway.get(key, `${CONVERSATIONS}?q=${encodeURIComponent(q)}${other}`, headers);
  }

  async function found(q: string, other = ''): Promise<string[]> {
    const { status, body } = await search(q, other);
    expect(status).toBe(200);
    return (body as Page).data.map(({ conversation_id }) => conversation_id);
  }

  /** A conversation of these messages; answers the token of the last write. */
  async function say(id: string, fields: object, ...contents: readonly string[]): Promise<string> {
    const of = { conversation_id: id };
    let { headers } = await gateway.post(key, CONVERSATIONS, { ...CONVERSATION, ...of, ...fields });
    for (const [n, content] of contents.entries()) {
      const message = { ...MESSAGE, ...of, message_id: `m${n + 1}`, content };
      ({ headers } = await gateway.post(key, MESSAGES, message));
    }
    return String(headers['parley-read-after']);
  }

  it('lists those that hold what is looked for, each with where, in the order of the list', async () => {
    const german = { user_data: { language: 'de' }, timestamp: '2024-03-01T00:00:00Z' };
    await say(
      'a',
      { user_data: { language: 'en' } },
      'Hello',
      'Where is my <b>refund</b>, please?',
    );
    await say('b', german, 'Die Rückerstattungen fehlen noch');
    await say('c', { timestamp: '2024-02-01T00:00:00Z' }, '返金はいつですか');
    await index();

    const { body } = await search('refunds');

    expect(body).toEqual({
      data: [
        expect.objectContaining({
          ...{ conversation_id: 'a', message_count: 2 },
          match: { message_id: 'm2', excerpt: expect.stringContaining('refund') },
        }),
      ],
      ...{ next_cursor: null, as_of_position: 7, search_as_of_position: 7 },
    });
    expect(await found('rückerstattung or refund or 返金')).toEqual(['b', 'c', 'a']);
    expect((await search('返金')).body).toMatchObject({
      data: [{ match: { message_id: 'm1', excerpt: '返金はいつですか' } }],
    });
    expect((await search('conversation_id or support')).body).toMatchObject({ data: [] });
  });

  it('goes with the other filters, and with none changes nothing', async () => {
    await say('a', {}, 'one refund for this order');
    await say('b', { agent: 'other' }, 'one refund for that order');
    await index();

    expect(await found('refund', '&agent=other')).toEqual(['b']);
    expect(await found('refund', '&conversation_id_prefix=a')).toEqual(['a']);
    expect(await found('refund', '&to=2020-01-01T00:00:00Z')).toEqual([]);
    const { body } = await gateway.get(key, CONVERSATIONS);
    expect(Object.keys(body as Page)).toEqual(['data', 'next_cursor', 'as_of_position']);
    expect((body as Page).data[0]).not.toHaveProperty('match');
  });

  it('pages without missing or repeating one, whatever is written meanwhile', async () => {
    const day = (n: number) => ({ timestamp: `2024-01-${String(n).padStart(2, '0')}T00:00:00Z` });
    for (let n = 1; n <= 7; n += 1) await say(`c${n}`, day(n), 'the refund of my order');
    await index();
    const pages: string[][] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const more = cursor && `&cursor=${encodeURIComponent(cursor)}`;
      const page: Page = (await search('refund', `&limit=3${more}`)).body as Page;
      pages.push(page.data.map(({ conversation_id }) => conversation_id));
      cursor = page.next_cursor;
      await say(`new${pages.length}`, day(20), 'another refund');
      await index();
    }

    expect(pages).toEqual([['c7', 'c6', 'c5'], ['c4', 'c3', 'c2'], ['c1']]);
    const { next_cursor } = (await search('refund', '&limit=3')).body as Page;
    const other = await search('order', `&cursor=${encodeURIComponent(next_cursor ?? '')}`);
    expect(other.body).toMatchObject({ detail: [{ type: 'bad_cursor' }] });
  });

  it('shows nothing of what is deleted, nor of another account', async () => {
    await say('mine', {}, 'a secret word');
    await index();
    const stranger = await installation.createKey(await installation.createTenant());
    const { body } = await gateway.get(stranger, `${CONVERSATIONS}?q=secret`);
    expect(body).toMatchObject({ data: [], search_as_of_position: 0 });

    expect(await found('secret')).toEqual(['mine']);
    await gateway.call(key, { method: 'DELETE', url: `${CONVERSATIONS}/mine` });
    expect(await found('secret')).toEqual([]);
  });

  it('waits for the index where the read is to show a write, and is never without it', async () => {
    const token = await say('a', {}, 'the latest news');
    const after = { 'parley-read-after': token };
    const { status, body, headers } = await search('latest', '', after);
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    expect(body).toMatchObject({ code: 'not_yet_readable' });

    const waiting = search('latest', '', after);
    await index();

    expect((await waiting).body).toMatchObject({ data: [{ conversation_id: 'a' }] });
  });

  it.each([
    ['', 'too_short'],
    ['x'.repeat(201), 'too_long'],
    ['a\u0000b', 'nul_character'],
    ['-refund', 'bad_query'],
    ['refund or -order', 'bad_query'],
    ['!?', 'bad_query'],
  ])('refuses %j', async (q, type) => {
    const { status, body } = await search(q);

    expect(status).toBe(422);
    expect(body).toMatchObject({ detail: [{ loc: ['query', 'q'], type }] });
  });

  it.each([`'; DROP SCHEMA search_1; --x`, 'a & | ! <-> :* ( )', `\\'" $1 %s _ %`, 'ａ：＊ b'])(
    'takes %j for words',
    async (q) => {
      await say('quiet', {}, 'nothing of the kind');
      await index();

      expect(await found(q)).toEqual([]);
    },
  );
});
