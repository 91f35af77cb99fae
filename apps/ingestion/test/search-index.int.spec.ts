import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readFollower, readHead, REBUILT_SEARCH_SCHEMA, SEARCH_SCHEMA } from '@parley/event-store';
import { followSearch, parseSearch, rebuildSearch, searchCondition } from '@parley/search';
import { eventually } from '@parley/testing';
import type pg from 'pg';
import { aConversation, aMessage } from './support/samples.js';
import { install, type TestInstallation, TenantUnderTest } from './support/tenant-under-test.js';

const NEVER = new AbortController().signal;

let installation: TestInstallation;
let tenant: TenantUnderTest;
beforeAll(async () => {
  installation = await install();
}, 60_000);
afterAll(() => installation.close(), 60_000);
beforeEach(async () => {
  tenant = await TenantUnderTest.create(installation);
});

/** `<conversation>/<message>` of every text that fits. */
async function found(typed: string): Promise<string[]> {
  const query = parseSearch(typed);
  if (!query) throw new Error('names nothing to look for');
  const { sql, values } = await searchCondition(tenant.pool, query, 1);
  const { rows } = await tenant.pool.query<{ place: string }>(
    `SELECT s.conversation_id || '/' || t.message_id AS place
       FROM search_1.texts t JOIN search_1.streams s USING (stream_id) WHERE ${sql} ORDER BY 1`,
    [...values],
  );
  return rows.map(({ place }) => place);
}

/** A conversation of these messages, `m1` the first. */
async function say(id: string, header: object, ...contents: readonly string[]): Promise<void> {
  await tenant.send(aConversation(id, header));
  for (const [n, content] of contents.entries())
    await tenant.send(aMessage(id, `m${n + 1}`, { content }));
}

const follow = (pool: pg.Pool = tenant.pool) => followSearch(pool, NEVER);
const contents = (schema = SEARCH_SCHEMA) =>
  tenant.query(`SELECT * FROM ${schema}.texts ORDER BY stream_id, message_id`);

describe('words', () => {
  it.each([
    ['de', 'Wo bleibt die Rückerstattung?', 'Rückerstattungen'],
    ['de', 'Die Rückerstattungen dauern zu lange', 'rückerstattung'],
    ['en', 'I was promised a refund', 'refunds'],
    ['en', 'She keeps cancelling orders', 'cancelled order'],
    ['fr', 'Vos remboursements sont en retard', 'remboursement'],
    ['es', '¿Dónde están mis pedidos?', 'pedido'],
    ['ru', 'Где мои заказы?', 'ЗАКАЗ'],
    ['tr', 'İADE istiyorum', 'iade'],
  ])('are found in their other forms, where the header states %s: %j by %j', async (...args) => {
    const [language, content, typed] = args;
    await say('c', { user_data: { language } }, content);
    await follow();

    expect(await found(typed)).toEqual(['c/m1']);
  });

  it('are found by the language of the text itself where nothing states one', async () => {
    await say('de', {}, 'Ich warte seit Wochen auf meine Rückerstattung', 'Rückerstattungen!');
    await say('en', {}, 'Two refunds are missing on my account', 'refund?');
    await follow();

    expect(await found('Rückerstattung')).toEqual(['de/m1', 'de/m2']);
    expect(await found('refund')).toEqual(['en/m1', 'en/m2']);
  });

  it('are found with and without their accents', async () => {
    await say('c', { language: 'fr' }, 'La commande a été débitée à Orléans', 'Le café est fermé');
    await say('d', { language: 'vi' }, 'Tôi muốn hoàn tiền');
    await follow();

    expect(await found('debitee orleans')).toEqual(['c/m1']);
    expect(await found('"CAFÉ"')).toEqual(['c/m2']);
    expect(await found('hoan tien')).toEqual(['d/m1']);
    expect(await found('hoàn tiền'.normalize('NFD'))).toEqual(['d/m1']);
  });

  it('of a query are all in one text, in phrases, or, and without others', async () => {
    const english = { language: 'en' };
    await say('c', english, 'A late order and a refund', 'The refund is late', 'An angry order');
    await follow();

    expect(await found('refund late')).toEqual(['c/m1', 'c/m2']);
    expect(await found('"refund is late"')).toEqual(['c/m2']);
    expect(await found('order -refund')).toEqual(['c/m3']);
    expect(await found('angry or "late order"')).toEqual(['c/m1', 'c/m3']);
  });
});

describe('what has no words that PostgreSQL knows', () => {
  it('is found by its letters', async () => {
    await say('ja', {}, '昨日注文した商品の返金はいつですか。', 'お客様サポートです');
    await say('zh', {}, '我要退款,订单号是12345');
    await say('ko', {}, '환불을 요청하고 싶습니다');
    await say('th', {}, 'ฉันต้องการขอเงินคืน');
    await say('he', {}, 'אני רוצה החזר כספי');
    await say('en', { language: 'en' }, 'The order 返金 was refused');
    await follow();

    expect(await found('返金')).toEqual(['en/m1', 'ja/m1']);
    expect(await found('返金は')).toEqual(['ja/m1']);
    expect(await found('ﾊﾟ or ｻﾎﾟｰﾄ')).toEqual(['ja/m2']);
    expect(await found('退')).toEqual(['zh/m1']);
    expect(await found('환불')).toEqual(['ko/m1']);
    expect(await found('เงินคืน')).toEqual(['th/m1']);
    expect(await found('החזר')).toEqual(['he/m1']);
    expect(await found('退款 -12345 or 商品 返金')).toEqual(['ja/m1']);
  });

  it('is found by ids, addresses and numbers, whole or in part', async () => {
    const user_data = { name: 'Jane Müller', contact: { email: 'jane.m@example.com' } };
    await say('conv_042-x', { user_data }, 'Mail to ops+eu@shop.example about ORD-2024/77');
    await follow();

    expect(await found('jane.m@example.com')).toEqual(['conv_042-x/']);
    expect(await found('example.com')).toEqual(['conv_042-x/']);
    expect(await found('muller')).toEqual(['conv_042-x/']);
    expect(await found('conv_042')).toEqual(['conv_042-x/']);
    expect(await found('ops+eu@shop.example')).toEqual(['conv_042-x/m1']);
    expect(await found('ORD-2024/77')).toEqual(['conv_042-x/m1']);
    expect(await found('ops%shop or ord_2024')).toEqual([]);
  });
});

describe('an index', () => {
  it('holds what is served: the latest revision, and nothing of what is older', async () => {
    await say('c', { language: 'en' }, 'A first version');
    await follow();
    const earlier = '2020-01-01T00:00:00.000000Z';
    await tenant.send(aMessage('c', 'm1', { content: 'A second text' }));
    await tenant.send(aConversation('c', { user_data: { name: 'Quincy' } }));
    await tenant.send(aMessage('c', 'm1', { content: 'An ancient text' }), { version: earlier });
    await follow();

    expect(await found('version')).toEqual([]);
    expect(await found('second')).toEqual(['c/m1']);
    expect(await found('ancient')).toEqual([]);
    expect(await found('quincy')).toEqual(['c/']);
    expect(await readFollower(tenant.pool, SEARCH_SCHEMA)).toBe(await readHead(tenant.pool));
  });

  it('loses a conversation with its deletion, at once', async () => {
    await say('c', {}, 'canary-51b0');
    await follow();
    expect(await tenant.tablesWith('canary-51b0')).toContain('search_1.texts');
    await remove('c');

    expect(await tenant.tablesWith('canary-51b0')).toEqual([]);
  });

  it('never gets back what was deleted after it was read', async () => {
    await say('c', {}, 'canary-7e22');
    let isDeleted = false;
    // With a callback for a single query; without one for the transaction that writes.
    const connect = async (callback?: never) => {
      if (callback) return tenant.pool.connect(callback);
      if (!isDeleted) await remove('c');
      isDeleted = true;
      return tenant.pool.connect();
    };
    await follow(Object.create(tenant.pool, { connect: { value: connect } }) as pg.Pool);

    expect(isDeleted).toBe(true);
    expect(await contents()).toEqual([]);
    expect(await tenant.query('SELECT * FROM search_1.streams')).toEqual([]);
  });

  it('rests after each batch but the last, also where large texts fill it', async () => {
    const large = 'a large text '.repeat(25_000);
    await say('c', { language: 'en' }, large, large, large);
    let rests = 0;
    const rest = async () => void (rests += 1);

    expect(await followSearch(tenant.pool, NEVER, { rest })).toBe(true);
    expect(rests).toBe(2);
  });

  it('is searched by its indexes', async () => {
    await say('c', { language: 'en' }, 'answer 77', 'no answer', '返金の件77');
    await follow();
    await tenant.query(`INSERT INTO search_1.texts
      SELECT gen_random_uuid(), 'm', 1, 'english', to_tsvector('search.english', 'answer number ' || n),
        CASE WHEN n % 2 = 0 THEN '返金の件' || n || repeat(' filling', 40) END
      FROM generate_series(100, 20000) AS n`);
    await tenant.query('VACUUM ANALYZE search_1.texts');
    const plan = async (typed: string) => {
      const { sql, values } = await searchCondition(tenant.pool, parseSearch(typed)!, 1);
      const { rows } = await tenant.pool.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN SELECT t.stream_id FROM search_1.texts t WHERE ${sql}`,
        [...values],
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };

    expect(await plan('"answer 77"')).toContain('Bitmap Index Scan on texts_words_idx');
    expect(await plan('返金の件77')).toContain('Bitmap Index Scan on texts_letters_idx');
    expect(await plan('返金の件77')).not.toContain('Seq Scan');
    expect(await found('"answer 77"')).toEqual(['c/m1']);
    expect(await found('返金の件77')).toEqual(['c/m3']);
  });
});

describe('a rebuild', () => {
  const rebuild = () => {
    const { pool, adminUrl } = tenant;
    return rebuildSearch({ pool, adminUrl, actor: 'cli' });
  };

  it('makes the same of the log, however much of it was indexed at a time', async () => {
    const contentsBefore = [];
    for (const step of [
      () => say('c', { language: 'de' }, 'Die Bestellung', 'ok', '退款'),
      () => say('d', {}, 'ok', 'I would like a refund', 'ok then'),
      () => say('e', {}, 'deleted later'),
      () => tenant.send(aConversation('c', { language: 'fr' })),
      () => tenant.send(aMessage('c', 'm2', { content: 'Les commandes' })),
      () => remove('e'),
    ]) {
      await step();
      await follow();
    }
    contentsBefore.push(...(await contents()));
    const { texts, position } = await rebuild();

    expect(await contents()).toEqual(contentsBefore);
    expect(texts).toBe(contentsBefore.length);
    expect(position).toBe(await readHead(tenant.pool));
    await say('f', { language: 'en' }, 'indexed afterwards');
    await follow();
    expect(await found('index')).toEqual(['f/m1']);
    expect(await tenant.tablesWith('deleted later')).toEqual([]);
  });

  it('gives up where it never catches up with the index that is searched', async () => {
    await say('c', {}, 'a text');
    await follow();
    await tenant.query(`UPDATE log_followers SET position = position + 1 WHERE name = 'search_1'`);

    await expect(rebuild()).rejects.toMatchObject({ code: 'rebuild/behind' });
  });

  it('fails no search and loses no write that comes meanwhile', async () => {
    await say('c', { language: 'en' }, 'a lasting text');
    await follow();
    let isOver = false;
    const searching = (async () => {
      let searches = 0;
      for (; !isOver; searches += 1) expect(await found('lasting')).toEqual(['c/m1']);
      return searches;
    })();
    const writing = (async () => {
      let written = 0;
      for (; !isOver; written += 1) {
        await say(`w${written}`, { language: 'en' }, 'written meanwhile');
        await follow();
      }
      return written;
    })();
    for (let round = 0; round < 3; round += 1) await rebuild();
    isOver = true;
    expect(await searching).toBeGreaterThan(0);
    const written = await writing;
    await eventually(async () => expect(await follow()).toBe(true));

    expect(await found('meanwhile')).toHaveLength(written);
    const left = await tenant.query(`SELECT name FROM log_followers WHERE name LIKE 'search%'`);
    expect(left).toEqual([{ name: SEARCH_SCHEMA }]);
    expect(await readFollower(tenant.pool, REBUILT_SEARCH_SCHEMA)).toBe(0);
  });
});

async function remove(conversation_id: string): Promise<void> {
  await tenant.send({ type: 'DeleteConversation', data: { conversation_id, agent_id: 'bot' } });
}
