import { describe, expect, it } from '@jest/globals';
import { anAccountEach } from './support/an-account-each.js';
import { type GatewayUnderTest, type Installation } from './support/gateway-under-test.js';
import { CONVERSATION, CONVERSATIONS, MESSAGE, MESSAGES } from './support/samples.js';

interface Page {
  readonly events: readonly {
    readonly id: string;
    readonly position: number;
    readonly type: string;
    readonly conversation_id: string | null;
    readonly agent: string | null;
    readonly stream_version: number;
    readonly is_source: boolean;
    readonly data: { readonly message?: { readonly content: string } } | null;
  }[];
  readonly next_after: number;
  readonly has_more: boolean;
  readonly as_of_position: number;
  readonly log_epoch: number;
}

describe('following the log', () => {
  let installation: Installation;
  let gateway: GatewayUnderTest;
  let tenant: string;
  let key: string;
  anAccountEach((account) => ({ installation, gateway, tenant, key } = account));

  const messages = (...ids: string[]) =>
    gateway.post(
      key,
      MESSAGES,
      ids.map((message_id) => ({ ...MESSAGE, message_id, content: message_id })),
    );

  async function pull(query: string): Promise<Page> {
    const { status, body } = await gateway.get(key, `/api/events${query}`);
    expect(status).toBe(200);
    return body as Page;
  }

  it('pages through every event once, in order, without gaps', async () => {
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    await messages('m1', 'm2', 'm3', 'm4');

    const seen: number[] = [];
    for (
      let page = await pull('?limit=2');
      ;
      page = await pull(`?limit=2&after=${page.next_after}`)
    ) {
      seen.push(...page.events.map(({ position }) => position));
      expect(page).toMatchObject({ as_of_position: 5, log_epoch: 1 });
      if (!page.has_more) break;
    }

    expect(seen).toEqual([1, 2, 3, 4, 5]);
    const { events } = await pull('?after=1&limit=1');
    expect(events[0]).toMatchObject({
      ...{ position: 2, type: 'MessageRecorded', stream_version: 2, is_source: true },
      ...{ conversation_id: 'conv_001', agent: 'support_bot_01' },
      data: { message: { content: 'm1' } },
    });
  });

  it('waits for an event where there is none yet, and no longer than it was told', async () => {
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const waiting = pull('?after=1&wait=20');
    await messages('m1');

    expect((await waiting).events.map(({ position }) => position)).toEqual([2]);
    expect(await pull('?after=2&wait=1')).toMatchObject({ events: [], next_after: 2 });
  });

  it('refuses a position that the log has not reached, which must be another log’s', async () => {
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const msg = 'the log has only reached 1';
    expect(await gateway.get(key, '/api/events?after=2')).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['query', 'after'], type: 'out_of_range', msg }] },
    });
  });

  it('what was erased is null, and so are the names of what was deleted', async () => {
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    await messages('canary');
    await gateway.call(key, { method: 'DELETE', url: `${CONVERSATIONS}/conv_001` });

    const page = await pull('');

    expect(page.events.map(({ type, data }) => [type, data === null])).toEqual([
      ['ConversationOpened', true],
      ['MessageRecorded', true],
      ['ConversationDeleted', false],
    ]);
    expect(JSON.stringify(page)).not.toMatch(/canary|conv_001/);
  });

  it('shows nothing of another account, and a log that was restored is not mistaken for the old one', async () => {
    await gateway.post(key, CONVERSATIONS, CONVERSATION);
    const stranger = await installation.createKey(await installation.createTenant());

    expect((await gateway.get(stranger, '/api/events')).body).toMatchObject({ events: [] });
    expect((await gateway.get(key, '/api/events?epoch=1')).status).toBe(200);
    const { status, body } = await gateway.get(key, '/api/events?epoch=2');
    expect([status, (body as { code: string }).code]).toEqual([409, 'log_epoch_changed']);
  });

  it('refuses what it does not know, with its place', async () => {
    for (const query of ['after=-1', 'limit=1001', 'wait=31', 'epoch=x', 'before=3', 'after=']) {
      expect((await gateway.get(key, `/api/events?${query}`)).status).toBe(422);
    }
    const scoped = await installation.createKey(tenant, ['ingest']);
    expect((await gateway.get(scoped, '/api/events')).status).toBe(403);
  });
});
