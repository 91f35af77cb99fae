import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { COMMANDS_TOPIC, encodeRedrive, partnerTopic } from '@parley/contracts';
import { readActiveSchema } from '@parley/event-store';
import { createLogger } from '@parley/platform';
import { ensurePartnerTopic, Partners } from '@parley/tenancy';
import { eventually } from '@parley/testing';
import { createIngestion } from '../src/create-ingestion.js';
import { LedgerService } from '../src/ledger/ledger.service.js';
import { RedriveReader } from '../src/redrive/redrive.reader.js';
import { install, type TestInstallation, TenantUnderTest } from './support/tenant-under-test.js';

const AGENT = 'bot';

function conversation(conversation_id: string, fields: object = {}) {
  const header = { timestamp: '2026-01-15T10:30:00Z', is_resolved: false };
  return { conversation_id, agent_id: AGENT, ...header, ...fields };
}

function message(conversation_id: string, content: string) {
  return {
    ...{ message_id: 'm1', conversation_id, agent_id: AGENT, role: 'customer', sender_id: 's1' },
    ...{ content, timestamp: '2026-01-15T10:31:00Z' },
  };
}

interface Letter {
  readonly id: string;
  readonly reason: string;
  readonly attempts: number;
  readonly value: Buffer | null;
}

describe('trying dead letters again', () => {
  let installation: TestInstallation;
  let ingestion: NestFastifyApplication;

  beforeAll(async () => {
    installation = await install();
    const logger = createLogger({ service: 'test', level: 'fatal' });
    ingestion = await createIngestion({ ...installation, logger, onFailure: () => undefined });
  }, 60_000);
  afterAll(async () => {
    await ingestion.close();
    await installation.close();
  }, 60_000);

  async function aPartner() {
    const tenant = await TenantUnderTest.create(installation);
    const topic = partnerTopic(tenant.id);
    await ensurePartnerTopic(installation.bus, topic);
    await new Partners(installation.control).create(tenant.id, null);
    const publish = (value: Buffer) =>
      installation.bus.publish(topic, [{ key: 'k', headers: {}, value }]);
    const letters = () =>
      tenant.query<Letter & Record<string, unknown>>('SELECT * FROM dead_letters ORDER BY id');
    const redrive = (...ids: readonly string[]) =>
      installation.bus.publish(
        COMMANDS_TOPIC,
        ids.map((id) => encodeRedrive({ tenant: tenant.id, dead_letter_id: id })),
      );
    return {
      ...{ tenant, letters, redrive, publish },
      send: (record: object) => publish(Buffer.from(JSON.stringify(record))),
      count: async (disposition: string) => {
        const rows = await tenant.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM receipts WHERE disposition = '${disposition}'`,
        );
        return rows[0]?.n;
      },
      served: async () => {
        const { name } = await readActiveSchema(tenant.pool);
        const rows = await tenant.query<{ content: string }>(
          `SELECT fields->>'content' AS content FROM ${name}.messages`,
        );
        return rows.map(({ content }) => content);
      },
    };
  }

  it.each([
    ['this release', ''],
    [
      'the first release',
      `, headers = NULL, record_key = NULL, value = convert_to(w.command, 'UTF8')`,
    ],
  ])(
    'what waited too long, as %s kept it, is applied when its conversation is there, once, however often it is asked for',
    async (_, kept) => {
      const { tenant, send, letters, redrive, count, served } = await aPartner();
      await send(message('c1', 'early'));
      await eventually(async () => expect(await count('waiting')).toBe(1));
      await tenant.query(`UPDATE waiting_records SET expires_at = '2020-01-01Z'`);
      await tenant.query('CREATE TABLE public.w AS SELECT command::text FROM waiting_records');
      await ingestion.get(LedgerService).tidy();
      await tenant.query(`UPDATE dead_letters SET attempts = 1 ${kept} FROM public.w`);
      const [letter] = await letters();
      expect(letter).toMatchObject({ reason: 'conversation_not_found', attempts: 1 });
      await send(conversation('c1'));
      await eventually(async () => expect(await count('created')).toBe(1));

      const { id } = letter!;
      await Promise.all([redrive(id, id, id), redrive(id), redrive(id)]);

      await eventually(async () => expect(await letters()).toEqual([]));
      await eventually(async () => expect(await served()).toEqual(['early']));
      const events = await tenant.query('SELECT FROM conversation_events');
      expect(events).toHaveLength(2);
    },
    60_000,
  );

  it('counts as what it was at its first arrival: what came since is not overwritten', async () => {
    const { tenant, send, letters, redrive, count, served } = await aPartner();
    await send(message('c1', 'old'));
    await eventually(async () => expect(await count('waiting')).toBe(1));
    await tenant.query(`UPDATE waiting_records SET expires_at = '2020-01-01Z'`);
    await ingestion.get(LedgerService).tidy();
    await send(conversation('c1'));
    await eventually(async () => expect(await count('created')).toBe(1));
    await send(message('c1', 'new'));
    await eventually(async () => expect(await served()).toEqual(['new']));

    await redrive((await letters())[0]!.id);

    await eventually(async () => expect(await letters()).toEqual([]));
    expect(await count('superseded')).toBe(1);
    expect(await served()).toEqual(['new']);
  }, 60_000);

  it('what can still not be read stays, with one attempt more, and is applied once it can be', async () => {
    const { tenant, send, letters, redrive, count } = await aPartner();
    await send(conversation('c1', { timestamp: 'yesterday' }));
    await eventually(async () => expect(await letters()).toHaveLength(1));
    const { id } = (await letters())[0]!;

    await redrive(id);
    await eventually(async () => expect((await letters())[0]).toMatchObject({ attempts: 2 }));
    expect((await letters())[0]).toMatchObject({ id, reason: 'bad_timestamp' });

    // As a later release would read it that takes what this one refused.
    const repaired = JSON.stringify(conversation('c1'));
    await tenant.query(
      `UPDATE dead_letters SET value = '\\x${Buffer.from(repaired).toString('hex')}'`,
    );
    await redrive(id);
    await eventually(async () => expect(await letters()).toEqual([]));
    expect(await count('created')).toBe(1);
  }, 60_000);

  it('what the rules refuse again stays, of a deleted conversation without anything of it', async () => {
    const { tenant, send, letters, redrive, count } = await aPartner();
    const twice = [message('c1', 'one'), message('c1', 'two')].map(({ agent_id: _, ...m }) => m);
    await send(conversation('c1', { messages: twice }));
    await eventually(async () => expect(await letters()).toHaveLength(1));
    const { id, reason } = (await letters())[0]!;
    await send(conversation('c1'));
    await eventually(async () => expect(await count('created')).toBe(1));

    await redrive(id);
    await eventually(async () =>
      expect((await letters())[0]).toMatchObject({ attempts: 2, reason }),
    );
    await tenant.send({
      type: 'DeleteConversation',
      data: { conversation_id: 'c1', agent_id: AGENT },
    });
    await eventually(async () => expect((await letters())[0]?.value).toBeNull());

    await redrive(id);
    await eventually(async () => expect((await letters())[0]).toMatchObject({ attempts: 3 }));
    expect(await letters()).toHaveLength(1);
  }, 60_000);

  it('large ones are read a few at a time, however many are asked for at once', async () => {
    const { tenant, send, letters, redrive } = await aPartner();
    const large = { timestamp: 'yesterday', user_data: { text: 'x'.repeat(300_000) } };
    for (const id of ['c1', 'c2', 'c3']) await send(conversation(id, large));
    await eventually(async () => expect(await letters()).toHaveLength(3));
    const ids = (await letters()).map(({ id }) => id);
    const asked = ids.map((id, offset) => {
      const { key, ...rest } = encodeRedrive({ tenant: tenant.id, dead_letter_id: id });
      const headers = Object.entries(rest.headers).map(([name, text]) => [name, Buffer.from(text)]);
      return {
        key: Buffer.from(key),
        value: rest.value,
        headers: Object.fromEntries(headers),
        offset,
        timestamp: 0,
      };
    });

    expect(await ingestion.get(RedriveReader).prepareFor(tenant.id, asked)).toMatchObject({
      count: 1,
    });

    await redrive(...ids);
    await eventually(async () =>
      expect((await letters()).map(({ attempts }) => attempts)).toEqual([2, 2, 2]),
    );
  }, 60_000);

  it('a letter that is gone, or of another tenant, is nothing to be tried', async () => {
    const { send, redrive, count, letters } = await aPartner();
    const other = await aPartner();
    await other.publish(Buffer.from('{'));
    await eventually(async () => expect(await other.letters()).toHaveLength(1));

    await redrive((await other.letters())[0]!.id, '0190f8a0-0000-7000-8000-000000000001');
    await send(conversation('c1'));

    await eventually(async () => expect(await count('created')).toBe(1));
    expect(await letters()).toEqual([]);
    expect((await other.letters())[0]).toMatchObject({ attempts: 1 });
  }, 60_000);
});
