import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { recordKey } from '@parley/contracts';
import { listAuditEvents } from '@parley/event-store';
import { createLogger } from '@parley/platform';
import { ParkedRecords } from '@parley/tenancy';
import { eventually } from '@parley/testing';
import pg from 'pg';
import { prepare } from '../src/commands/prepared-record.js';
import { TenantWriters } from '../src/commands/tenant-writers.js';
import { Replica } from './support/replica.js';
import { aConversation, aMessage } from './support/samples.js';
import {
  FLAKY,
  install,
  published,
  TenantUnderTest,
  type TestInstallation,
} from './support/tenant-under-test.js';

let installation: TestInstallation;
let tenant: TenantUnderTest;
let other: TenantUnderTest;
let topic: string;

beforeAll(async () => {
  installation = await install();
});
beforeEach(async () => {
  tenant = await TenantUnderTest.create(installation, FLAKY);
  other = await TenantUnderTest.create(installation);
  topic = `test.${randomUUID()}`;
  await installation.bus.ensureTopic({ topic, partitions: 1 });
  // For both tenants, one after the other: message n of the first one has offset 2n.
  const messages = [1, 2, 3, 4, 5, 6].map((n) => aMessage('c', `m${n}`));
  const commands = [aConversation('c'), ...messages];
  await installation.bus.publish(topic, commands.flatMap(forBoth));
});
afterEach(() => comeBack());
afterAll(() => installation.close());

const aReplica = (parked?: ParkedRecords) => Replica.start(installation, topic, parked);
const goAway = () => installation.proxy.setMode({ kind: 'black-hole' });
const refuse = () => installation.proxy.setMode({ kind: 'cut' });
const comeBack = () => installation.proxy.setMode({ kind: 'pass' });

function forBoth(command: Parameters<TenantUnderTest['record']>[0]) {
  return [tenant, other].map((of) => {
    return { ...published(of.record(command)), key: recordKey(of.id, 'c') };
  });
}

/** The messages of a tenant's log, in its order. */
async function logOf({ pool }: TenantUnderTest): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(`
    SELECT convert_from(body, 'UTF8')::json -> 'message' ->> 'message_id' AS id
      FROM conversation_events JOIN event_payloads USING (position)
     WHERE type <> 'ConversationOpened' ORDER BY position`);
  return rows.map(({ id }) => id);
}

const parkedOf = async (replica: Replica) =>
  (await replica.parked.list(replica.source.bus)).filter(({ source }) => source.topic === topic);

const messages = (...numbers: number[]) => numbers.map((n) => `m${n}`);

describe('a tenant whose database is away', () => {
  it.each([
    ['keeps silent', goAway],
    ['refuses', refuse],
  ])('is parked while its database %s, and keeps nobody else waiting', async (_, fail) => {
    const replica = await aReplica();
    await replica.take(0, 4);
    fail();
    await replica.take(4, 8);
    await replica.take(8, 10);
    expect(await logOf(other)).toEqual(messages(1, 2, 3, 4));
    const place = { tenant: tenant.id, source: replica.source };
    expect(await parkedOf(replica)).toMatchObject([{ ...place, from: 4, to: 9, records: 3 }]);
    expect(replica.lines).toMatchObject([{ level: 'warn', tenant: tenant.id }]);
  });

  it('stays parked when its database is back, until all that was passed over is applied', async () => {
    const replica = await aReplica();
    await replica.take(0, 4);
    goAway();
    await replica.take(4, 8);
    comeBack();
    await replica.take(8, 10);
    expect(await logOf(tenant)).toEqual(messages(1));
    await replica.drain();
    expect((await logOf(tenant)).slice(0, 4)).toEqual(messages(1, 2, 3, 4));
    expect(await parkedOf(replica)).toEqual([]);
    await replica.take(10, 14);
    expect(await logOf(tenant)).toEqual(messages(1, 2, 3, 4, 5, 6));
  });

  it('is parked from its first record on where nothing of it was applied', async () => {
    const replica = await aReplica();
    await tenant.pool.query('SELECT 1');
    goAway();
    await replica.take(0, 14);
    comeBack();
    await replica.drain();
    expect(await logOf(tenant)).toEqual(await logOf(other));
  });

  it('is caught up with by the schedule, and told of it', async () => {
    const replica = await aReplica();
    goAway();
    await replica.take(0, 14);
    await replica.drains.look();
    expect(await parkedOf(replica)).toHaveLength(1);
    comeBack();
    await eventually(
      async () => {
        await replica.drains.look();
        expect(await parkedOf(replica)).toEqual([]);
        const told = replica.lines.filter((line) => line.tenant === tenant.id);
        expect(told).toMatchObject([
          { msg: 'a tenant is parked: its database is away' },
          { msg: 'a tenant is caught up with' },
        ]);
      },
      { timeoutMs: 20_000 },
    );
    await replica.drains.onModuleDestroy();
    expect(await logOf(tenant)).toEqual(await logOf(other));
  });

  it('is not parked for a lock that all that is caught up with waits for', async () => {
    const { databases } = installation;
    const logger = createLogger({ service: 'test', level: 'fatal' });
    const currentEnd = async () => 1;
    const writers = new TenantWriters({ databases, logger, currentEnd, parkAfterMs: 300 });
    const locked = await lockLog();
    const records = [prepare(tenant.record(aConversation('c')))];
    const places = [0, 1, 2, 3, 4, 5].map((partition) => ({ ...tenant.source, partition }));
    const catchingUp = places.map((source) =>
      writers.catchUp(tenant.id, { source, highWater: 1, records }),
    );
    const outcomes = Promise.allSettled(catchingUp);
    await eventually(async () => expect(await waitsForLock()).toBe(true));
    await locked.end();
    expect((await outcomes).map(({ status }) => status)).toEqual(places.map(() => 'fulfilled'));
  });

  it('is not parked for a lock that does not come', async () => {
    const replica = await aReplica();
    await replica.take(0, 4);
    const holder = await lockLog();
    await expect(replica.take(4, 8)).rejects.toMatchObject({ cause: { code: '55P03' } });
    expect(await parkedOf(replica)).toEqual([]);
    await holder.end();
    await replica.take(4, 8);
    expect(await logOf(tenant)).toEqual(messages(1, 2, 3));
  });
});

describe('the order of a parked tenant', () => {
  it('is kept by a consumer that begins behind what was passed over', async () => {
    const first = await aReplica();
    goAway();
    await first.take(0, 8);
    comeBack();
    const second = await aReplica();
    await second.take(8, 14);
    expect(await logOf(tenant)).toEqual([]);
    await second.drain();
    expect(await logOf(tenant)).toEqual(messages(1, 2, 3, 4, 5, 6));
  });

  it('is kept by a consumer that was out of its group without knowing', async () => {
    const [first, second] = [await aReplica(), await aReplica()];
    await first.take(0, 4);
    goAway();
    await second.take(4, 8);
    comeBack();
    await first.take(8, 14);
    expect(await logOf(tenant)).toEqual(messages(1));
    await first.drain();
    expect(await logOf(tenant)).toEqual(messages(1, 2, 3, 4, 5, 6));
  });

  it('is kept by a consumer that goes on without a gap, though it has not heard of the parking', async () => {
    const [first, second] = [await aReplica(), await aReplica()];
    await first.take(0, 4);
    goAway();
    await second.take(0, 8);
    comeBack();
    await first.take(4, 10);
    expect(await logOf(tenant)).toEqual(messages(1, 2, 3, 4));
    await first.drain();
    expect(await parkedOf(first)).toEqual([]);
    expect(await logOf(tenant)).toEqual(messages(1, 2, 3, 4));
  });

  it('is kept when a partition comes back to a process that parked there', async () => {
    const [first, second] = [await aReplica(), await aReplica()];
    goAway();
    await first.take(0, 4);
    comeBack();
    await second.take(4, 6);
    await second.drain();
    first.reassign();
    await first.take(6, 14);
    expect(await logOf(tenant)).toEqual(messages(1, 2, 3, 4, 5, 6));
  });

  it('is lost with records where a consumer does not look for what is parked', async () => {
    class Blind extends ParkedRecords {
      override tenantsOn = async () => [];
    }
    const first = await aReplica();
    goAway();
    await first.take(0, 8);
    comeBack();
    const blind = await aReplica(new Blind(installation.control));
    await blind.take(8, 14);
    await blind.drain();
    expect(await logOf(tenant)).not.toEqual(messages(1, 2, 3, 4, 5, 6));
  });
});

describe('a transaction whose answer is lost', () => {
  it('counts once, whichever answer it is, that to the commit included', async () => {
    const replica = await aReplica();
    await replica.take(0, 14);
    for (let answer = 0; answer < 15; answer++) {
      const [message] = messages(7 + answer);
      const records = forBoth(aMessage('c', message!));
      await installation.bus.publish(topic, records);
      let answers = 0;
      const random = () => (answers++ === answer ? 0 : 1);
      installation.proxy.setMode({ kind: 'lose-answers', share: 0.5, random });
      await replica.take(14 + 2 * answer, 16 + 2 * answer);
      comeBack();
      await replica.drain();
    }
    expect(await logOf(tenant)).toEqual(await logOf(other));
    expect(await logOf(tenant)).toHaveLength(21);
    expect(await parkedOf(replica)).toEqual([]);
  });
});

describe('catching up', () => {
  class Killed extends Error {}

  async function parkAll(): Promise<Replica> {
    const replica = await aReplica();
    goAway();
    await replica.take(0, 14);
    comeBack();
    return replica;
  }

  it('goes on where it was killed, whatever the moment', async () => {
    const replica = await parkAll();
    class ParkedOnce extends ParkedRecords {
      override release = () => Promise.reject(new Killed());
    }
    const parked = new ParkedOnce(installation.control);
    await expect(replica.drain({ parked })).rejects.toBeInstanceOf(Killed);
    expect(await parkedOf(replica)).toHaveLength(1);
    await replica.drain();
    expect(await parkedOf(replica)).toEqual([]);
    expect(await logOf(tenant)).toEqual(messages(1, 2, 3, 4, 5, 6));
  });

  it('may run twice at once', async () => {
    const replica = await parkAll();
    const second = await aReplica();
    await Promise.allSettled([replica.drain(), second.drain()]);
    await replica.drain();
    expect(await parkedOf(replica)).toEqual([]);
    expect(await logOf(tenant)).toEqual(messages(1, 2, 3, 4, 5, 6));
  });

  it('goes on while more is passed over, and ends the parking nevertheless', async () => {
    const replica = await aReplica();
    goAway();
    await replica.take(0, 4);
    comeBack();
    const [draining] = [replica.drain(), replica.take(4, 8)];
    await draining;
    await replica.take(8, 14);
    await replica.drain();
    expect(await parkedOf(replica)).toEqual([]);
    expect(await logOf(tenant)).toEqual(messages(1, 2, 3, 4, 5, 6));
  });

  it('takes no more into a transaction than as chat can wait for', async () => {
    const replica = await aReplica();
    await replica.take(0, 14);
    const large = { content: 'x'.repeat(300_000) };
    for (const n of [7, 8, 9])
      await installation.bus.publish(topic, forBoth(aMessage('c', `m${n}`, large)));
    goAway();
    await replica.take(14, 20);
    comeBack();
    await replica.drain();
    expect(await logOf(tenant)).toEqual(messages(1, 2, 3, 4, 5, 6, 7, 8, 9));
    const transactions = await tenant.query(
      `SELECT DISTINCT xmin::text FROM event_payloads WHERE octet_length(body) > 300000`,
    );
    expect(transactions.length).toBeGreaterThan(1);
  });

  it('reports what the bus no longer has, and applies the rest', async () => {
    const replica = await parkAll();
    await forget(6);
    await replica.drain();
    expect(await parkedOf(replica)).toEqual([]);
    const lost = { code: 'records_lost_to_retention', tenant: tenant.id, from: 0, to: 6 };
    expect(replica.lines).toContainEqual(expect.objectContaining({ level: 'error', ...lost }));
    expect(await listAuditEvents(tenant.pool)).toMatchObject([
      { action: 'records.lost-to-retention', subject: `${topic}/0`, details: { from: 0, to: 6 } },
    ]);
  });
});

/** Nobody writes the tenant's log until this connection ends. */
async function lockLog(): Promise<pg.Client> {
  const holder = new pg.Client({ connectionString: tenant.adminUrl });
  await holder.connect();
  await holder.query('BEGIN; SELECT pg_advisory_xact_lock(7061, 2)');
  return holder;
}

/** Whether somebody has waited so long that twice it could have been found to be away. */
async function waitsForLock(): Promise<boolean> {
  const rows = await tenant.query(`SELECT FROM pg_stat_activity WHERE wait_event = 'advisory'
    AND datname = current_database() AND query_start < clock_timestamp() - interval '1.2 s'`);
  return rows.length > 0;
}

/** The bus no longer has what is below an offset. */
async function forget(below: number): Promise<void> {
  const url = new URL(installation.adminUrl);
  url.pathname = '/parley_bus';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.query(
    `DELETE FROM bus_records r USING bus_topic_ids i
      WHERE i.topic_id = r.topic_id AND i.topic = $1 AND r.record_offset < $2`,
    [topic, below],
  );
  await client.end();
}
