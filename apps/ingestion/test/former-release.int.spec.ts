import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { COMMANDS_TOPIC, type IngestionCommand } from '@parley/contracts';
import { readModels } from '@parley/domain';
import { type ReadModelVersion } from '@parley/event-sourcing';
import { rebuildReadModels, rollBackReadModels } from '@parley/event-store';
import { createLogger } from '@parley/platform';
import { eventually } from '@parley/testing';
import { createIngestion } from '../src/create-ingestion.js';
import { aConversation } from './support/samples.js';
import {
  install,
  published,
  TenantUnderTest,
  type TestInstallation,
} from './support/tenant-under-test.js';

const FORMER = readModels.slice(1);

let installation: TestInstallation;
beforeAll(async () => {
  installation = await install(undefined, FORMER);
});
afterAll(() => installation.close());

async function start(models: readonly ReadModelVersion[]) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const app = await createIngestion({
    ...installation,
    models,
    logger: createLogger({ service: 'test', level: 'warn', destination }),
    onFailure: (error) => {
      throw error;
    },
  });
  await app.listen(0, '127.0.0.1');
  const failing = async () => {
    const answer = await fetch(`${await app.getUrl()}/health/ready`);
    return ((await answer.json()) as { failing?: string[] }).failing ?? [];
  };
  return { lines, failing, app };
}

async function send(tenant: TenantUnderTest, command: IngestionCommand): Promise<void> {
  await installation.bus.publish(COMMANDS_TOPIC, [published(tenant.record(command))]);
}

it('makes the records of a tenant that is ahead wait in the release before, and loses none of them', async () => {
  const tenant = await TenantUnderTest.create(installation);
  const place = { pool: tenant.pool, adminUrl: tenant.adminUrl, versions: readModels };
  const ids = async () =>
    (
      await tenant.query<{ id: string }>(
        `SELECT convert_from(body, 'UTF8')::json ->> 'conversation_id' AS id
         FROM event_payloads ORDER BY position`,
      )
    ).map(({ id }) => id);
  const letters = () => tenant.query('SELECT FROM dead_letters');

  const former = await start(FORMER);
  await send(tenant, aConversation('before'));
  await eventually(async () => expect(await ids()).toEqual(['before']));
  expect(await former.failing()).toEqual([]);

  await rebuildReadModels(place, { actor: 'cli' });
  await send(tenant, aConversation('waits'));
  await eventually(async () => {
    expect(await former.failing()).toEqual(['read_models']);
    expect(former.lines.join()).toContain('which this release does not know');
  });
  expect([await ids(), await letters()]).toEqual([['before'], []]);
  await former.app.close();

  const current = await start(readModels);
  await eventually(async () => expect(await ids()).toEqual(['before', 'waits']));
  expect([await current.failing(), await letters()]).toEqual([[], []]);
  await rollBackReadModels(place, { actor: 'cli' });
  await send(tenant, aConversation('after'));
  await eventually(async () => expect(await ids()).toEqual(['before', 'waits', 'after']));
  await current.app.close();
});
