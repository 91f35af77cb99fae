import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMMANDS_TOPIC, INGESTION_GROUP } from '@parley/contracts';
import { type Bus, type ConsumeOptions } from '@parley/messaging';
import { createLogger } from '@parley/platform';
import { ParkedRecords } from '@parley/tenancy';
import { eventually } from '@parley/testing';
import { createIngestion } from '../src/create-ingestion.js';
import { type IngestionParts } from '../src/ingestion.module.js';
import { aConversation } from './support/samples.js';
import {
  install,
  published,
  TenantUnderTest,
  type TestInstallation,
} from './support/tenant-under-test.js';

let installation: TestInstallation;

beforeAll(async () => {
  installation = await install();
});
afterAll(() => installation.close());

function start(parts: Partial<IngestionParts> = {}) {
  const logger = createLogger({ service: 'test', level: 'fatal' });
  const onFailure = (error: Error) => {
    throw error;
  };
  return createIngestion({ ...installation, logger, onFailure, ...parts });
}

/** A tenant whose database takes no connections, and SQL as the server's superuser. */
async function anAwayTenant() {
  const [tenant, other] = [
    await TenantUnderTest.create(installation),
    await TenantUnderTest.create(installation),
  ];
  const query = (sql: string) => other.query(sql);
  await query(`ALTER DATABASE ${tenant.id} ALLOW_CONNECTIONS false`);
  return { id: tenant.id, query };
}

describe('ingestion', () => {
  it('is live until a consumption hangs, which only a new start mends', async () => {
    let silentForMs = 0;
    const watched = { silentForMs: () => silentForMs };
    const bus = Object.assign(Object.create(installation.bus) as Bus, watched);
    const app = await start({ bus });
    await app.init();
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    silentForMs = 61_000;
    const { statusCode, body } = await app.inject('/health/live');
    expect({ statusCode, body }).toEqual({
      statusCode: 503,
      body: expect.stringContaining('consuming'),
    });
    await app.close();
  });

  it('keeps records of tenants that it does not know apart, and goes on', async () => {
    const tenant = await TenantUnderTest.create(installation);
    const app = await start();
    const known = tenant.record(aConversation('c1'));
    const strange = tenant.record(aConversation('c1'), { tenant: 't_00000000000000000000' });
    await installation.bus.publish(COMMANDS_TOPIC, [strange, known].map(published));
    await eventually(async () => {
      expect(await tenant.query('SELECT 1 FROM rm_2.conversations')).toHaveLength(1);
      const kept = await installation.control.rows.query('SELECT reason FROM unroutable_records');
      expect(kept).toEqual([{ reason: 'unknown_tenant' }]);
    });
    await app.close();
  });

  it('starts although a tenant’s database is away', async () => {
    const { id, query } = await anAwayTenant();
    const app = await start();
    await app.close();
    await query(`ALTER DATABASE ${id} ALLOW_CONNECTIONS true`);
  });

  it('catches up with parked tenants by itself from its creation on', async () => {
    const { bus, control } = installation;
    const tenant = await TenantUnderTest.create(installation);
    const ids = Array.from({ length: 30 }, (_, n) => `c${n}`);
    await bus.publish(
      COMMANDS_TOPIC,
      ids.map((id) => published(tenant.record(aConversation(id)))),
    );
    const incarnation = await bus.incarnation(COMMANDS_TOPIC);
    const at = { bus: bus.id, incarnation, group: INGESTION_GROUP, topic: COMMANDS_TOPIC };
    const [first] = await bus.ends(COMMANDS_TOPIC);
    const place = { tenant: tenant.id, source: { ...at, partition: 0 } };
    const parked = new ParkedRecords(control);
    await parked.park(place, { from: 0, to: first!.highWater, records: 1 });
    const app = await start();
    await eventually(async () => {
      expect(await tenant.query('SELECT 1 FROM rm_2.conversations')).toHaveLength(ids.length);
      expect(await parked.end(place)).toBeNull();
    });
    await app.close();
  });

  it('tries a chunk for as long as it takes', async () => {
    const asked: ConsumeOptions[] = [];
    const bus = Object.create(installation.bus, {
      consume: {
        value: (options: ConsumeOptions) => {
          asked.push(options);
          return installation.bus.consume(options);
        },
      },
    }) as Bus;
    const app = await start({ bus });
    expect(asked.map(({ maxAttempts }) => maxAttempts)).toEqual([Infinity, Infinity]);
    await app.close();
  });

  it('starts while another one applies what came after its look at the ends of the topics', async () => {
    const looks: string[] = [];
    const ends = async (topic: string) => {
      const now = await installation.bus.ends(topic);
      const isFirst = !looks.includes(topic);
      looks.push(topic);
      return isFirst ? now.map(({ partition }) => ({ partition, highWater: 0 })) : now;
    };
    const app = await start({
      bus: Object.create(installation.bus, { ends: { value: ends } }) as Bus,
    });
    await app.close();
    expect(looks.filter((topic) => topic === COMMANDS_TOPIC).length).toBeGreaterThan(1);
  });

  it('refuses to start where a topic ends before what was applied of it', async () => {
    const tenant = await TenantUnderTest.create(installation);
    const { bus } = installation;
    const source = {
      bus: bus.id,
      incarnation: await bus.incarnation(COMMANDS_TOPIC),
      group: INGESTION_GROUP,
      topic: COMMANDS_TOPIC,
      partition: 0,
    };
    await tenant.store.transact('interactive', async (tx) => {
      await tx.ledger.nextOffsets([source]);
      tx.ledger.advance(source, 0, 1_000_000);
    });
    await expect(start()).rejects.toMatchObject({ code: 'offset/ahead-of-bus' });
  });
});
