import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMMANDS_TOPIC, INGESTION_GROUP } from '@parley/contracts';
import { createLogger } from '@parley/platform';
import { eventually } from '@parley/testing';
import { createIngestion } from '../src/create-ingestion.js';
import { aConversation } from './support/samples.js';
import { install, TenantUnderTest, type TestInstallation } from './support/tenant-under-test.js';

let installation: TestInstallation;

beforeAll(async () => {
  installation = await install();
});
afterAll(() => installation.close());

function start() {
  const logger = createLogger({ service: 'test', level: 'fatal' });
  const onFailure = (error: Error) => {
    throw error;
  };
  return createIngestion({ ...installation, logger, onFailure });
}

describe('ingestion', () => {
  it('keeps records of tenants that it does not know apart, and goes on', async () => {
    const tenant = await TenantUnderTest.create(installation);
    const app = await start();
    const known = tenant.record(aConversation('c1'));
    const strange = tenant.record(aConversation('c1'), { tenant: 't_00000000000000000000' });
    const published = [strange, known].map(({ key, headers, value }) => ({
      key: key!.toString(),
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, v]) => [name, v!.toString()]),
      ),
      value: value!,
    }));
    await installation.bus.publish(COMMANDS_TOPIC, published);
    await eventually(async () => {
      expect(await tenant.query('SELECT 1 FROM rm_1.conversations')).toHaveLength(1);
      const kept = await installation.control.rows.query('SELECT reason FROM unroutable_records');
      expect(kept).toEqual([{ reason: 'unknown_tenant' }]);
    });
    await app.close();
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
