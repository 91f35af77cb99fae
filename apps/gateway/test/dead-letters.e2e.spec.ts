import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { redriveIn } from '@parley/contracts';
import { listAuditEvents } from '@parley/event-store';
import { anAccountEach } from './support/an-account-each.js';
import { type GatewayUnderTest, type Installation } from './support/gateway-under-test.js';

const LETTERS = '/api/dead-letters';

interface Page {
  readonly dead_letters: readonly { readonly id: string; readonly reason: string }[];
  readonly next_after: string | null;
}

describe('dead letters of an account', () => {
  let installation: Installation;
  let gateway: GatewayUnderTest;
  let tenant: string;
  let key: string;
  anAccountEach((account) => ({ installation, gateway, tenant, key } = account));

  const pool = () => installation.databases.pool(tenant, 'app');
  const call = (method: 'POST' | 'DELETE', url: string) => gateway.call(key, { method, url });

  async function aLetter(reason: string, value: string | null = '{"broken'): Promise<string> {
    const id = randomUUID();
    await (
      await pool()
    ).query(
      `INSERT INTO dead_letters (id, arrived_at, door, reason, detail, topic, partition, "offset", headers, value,
         attempts, first_failed_at, last_failed_at)
       VALUES ($1, clock_timestamp(), 'kafka', $2, 'words', 'a topic', 3, 7, '{"x": "eQ=="}', $3, 1, now(), now())`,
      [id, reason, value === null ? null : Buffer.from(value)],
    );
    return id;
  }

  it('are listed the newest first, filtered and by pages, and shown with their bytes', async () => {
    const ids: string[] = [];
    for (const reason of ['malformed_json', 'too_deep', 'malformed_json'])
      ids.unshift(await aLetter(reason));

    const first = (await gateway.get(key, `${LETTERS}?limit=2`)).body as Page;
    const second = (await gateway.get(key, `${LETTERS}?limit=2&after=${first.next_after}`))
      .body as Page;
    expect(first.dead_letters).toMatchObject([{ bytes: 8, can_redrive: true }, {}]);
    const deep = (await gateway.get(key, `${LETTERS}?reason=too_deep&door=kafka`)).body as Page;
    const { body } = await gateway.get(key, `${LETTERS}/${ids[0]}`);

    const found = [...first.dead_letters, ...second.dead_letters];
    expect(found.map(({ id }) => id)).toEqual(ids);
    expect(second.next_after).toBeNull();
    expect(deep.dead_letters.map(({ id }) => id)).toEqual([ids[1]]);
    expect(body).toMatchObject({
      ...{ topic: 'a topic', partition: 3, offset: 7, attempts: 1, can_redrive: true },
      ...{ headers: { x: 'y' }, value: '{"broken' },
      value_base64: Buffer.from('{"broken').toString('base64'),
    });
  });

  it('are gone on with where the last one of a page is gone', async () => {
    const rest = await aLetter('too_deep');
    const last = await aLetter('too_deep');
    const list = async (query: string) =>
      (await gateway.get(key, `${LETTERS}?reason=too_deep&limit=1${query}`)).body as Page;

    const { next_after } = await list('');
    await call('DELETE', `${LETTERS}/${last}`);

    expect((await list(`&after=${next_after}`)).dead_letters).toMatchObject([{ id: rest }]);
    const elsewhere = await gateway.get(key, `${LETTERS}?after=${next_after}`);
    expect([elsewhere.status, JSON.stringify(elsewhere.body)]).toEqual([
      422,
      expect.stringContaining('bad_cursor'),
    ]);
  });

  it('are tried again by a request on the bus, which the audit names', async () => {
    const id = await aLetter('internal_error');
    await aLetter('undecodable_batch');
    await aLetter('malformed_json', null);

    const one = await call('POST', `${LETTERS}/${id}/redrive`);
    const all = await call('POST', `${LETTERS}/redrive`);

    expect([one.status, one.headers['location'], all.status]).toEqual([
      202,
      `${LETTERS}/${id}`,
      202,
    ]);
    expect(all.body).toEqual({ redriven: 1 });
    expect(gateway.bus.others.map((record) => redriveIn(record))).toEqual([id, id]);
    const [audit] = await listAuditEvents(await pool());
    expect(audit).toMatchObject({ action: 'dead-letter.redrive', subject: id });
    expect(audit?.actor).toMatch(/^key:/);
  });

  it('of which nothing is left that could be applied are not tried again', async () => {
    const { status, body } = await call(
      'POST',
      `${LETTERS}/${await aLetter('undecodable_batch')}/redrive`,
    );

    expect([status, (body as { code: string }).code]).toEqual([409, 'not_redrivable']);
  });

  it('are discarded for good, with who did it and why', async () => {
    const id = await aLetter('malformed_json');

    const first = await call('DELETE', `${LETTERS}/${id}?note=known%20defect`);
    const again = await call('DELETE', `${LETTERS}/${id}`);

    expect([first.status, again.status]).toEqual([200, 404]);
    const [audit] = await listAuditEvents(await pool());
    expect(audit).toMatchObject({
      ...{ action: 'dead-letter.discard', subject: id },
      details: { door: 'kafka', reason: 'malformed_json', note: 'known defect' },
    });
  });

  it('are nobody else’s, and no business of a key without the scope', async () => {
    const id = await aLetter('malformed_json');
    const stranger = await installation.createKey(await installation.createTenant());
    const reader = await installation.createKey(tenant, ['read', 'ingest']);

    expect((await gateway.get(stranger, `${LETTERS}/${id}`)).status).toBe(404);
    expect((await gateway.get(stranger, LETTERS)).body).toMatchObject({ dead_letters: [] });
    expect((await gateway.get(reader, LETTERS)).status).toBe(403);
    expect((await gateway.get(key, `${LETTERS}/no-id`)).status).toBe(404);
    for (const query of ['reason=none', 'door=window', 'limit=0', 'after=x', 'b=1'])
      expect((await gateway.get(key, `${LETTERS}?${query}`)).status).toBe(422);
  });
});
