import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readModels } from '@parley/domain';
import { isUpgradeDue, listSchemas, rebuildCheck, rollBackReadModels } from '@parley/event-store';
import { gatewayConfig } from '@parley/gateway';
import { ingestionConfig } from '@parley/ingestion';
import { createLogger } from '@parley/platform';
import {
  ControlDatabase,
  Credentials,
  databaseUrl,
  installationSettings,
  prepareServer,
  type PreparedServer,
  SCOPES,
  TenantDatabases,
  Tenants,
} from '@parley/tenancy';
import { eventually } from '@parley/testing';
import { startStandalone } from '../src/standalone.js';
import { Api } from './support/api.js';

const MESSAGE = { role: 'customer', sender_id: 'c', timestamp: '2026-01-15T10:31:00Z' };
const logger = createLogger({ service: 'test', level: 'fatal' });
const fail = (error: Error) => {
  throw error;
};

describe('npm start on the home of the release before', () => {
  let home: string;
  let server: PreparedServer;
  let control: ControlDatabase;
  let databases: TenantDatabases;
  let tenant: string;
  let key: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'parley-test-'));
    server = await prepareServer({ PARLEY_HOME: home, PARLEY_SERVERS: {} }, readModels.slice(1));
    control = await ControlDatabase.open({ serverUrl: server.adminUrl, secret: server.secret });
    databases = new TenantDatabases(control);
    ({ id: tenant } = await new Tenants(control).create('demo', server.adminUrl));
    const asked = { tenant, kind: 'api-key', scopes: [...SCOPES] };
    ({ key } = await new Credentials(control).create(asked));
  }, 60_000);
  afterAll(async () => {
    await databases.close();
    await control.close();
    await server.stop();
    await rm(home, { recursive: true, force: true });
  });

  const pool = () => databases.pool(tenant, 'app');
  const states = async () =>
    (await listSchemas(await pool())).map(({ name, state }) => `${name} ${state}`).sort();

  async function start() {
    const config = {
      ...gatewayConfig.parse({}),
      ...ingestionConfig.parse({}),
      ...installationSettings.partial({ DATABASE_URL: true }).parse({ PARLEY_HOME: home }),
      ...{ PORT: 0, HOST: '127.0.0.1' },
    };
    const standalone = await startStandalone(config, logger, fail);
    return { standalone, api: new Api(await standalone.gateway.getUrl(), key) };
  }

  it('serves as before at once, and its read models of this release soon', async () => {
    await expect(isUpgradeDue(await pool(), readModels)).resolves.toBe(true);
    const { standalone, api } = await start();
    const id = { conversation_id: 'c1' };
    const header = { agent: 'bot', timestamp: '2026-01-15T10:30:00Z', is_resolved: false };
    expect((await api.post('conversations', { ...id, ...header })).status).toBe(200);
    for (let count = 0; count < 5; count += 1) {
      const message = { ...MESSAGE, ...id, message_id: randomUUID(), content: `${count}` };
      expect((await api.post('messages', message)).status).toBe(200);
    }
    await eventually(async () =>
      expect(await states()).toEqual(['retired_rm_1 retired', 'rm_2 active']),
    );
    expect((await api.get('conversations/c1')).body['messages']).toHaveLength(5);
    const tables = await rebuildCheck(await pool(), readModels);
    expect(tables.map(({ firstDifference }) => firstDifference)).toEqual([null, null, null]);
    await standalone.close();
  }, 60_000);

  it('leaves alone what an operator has rolled back', async () => {
    const adminUrl = databaseUrl(server.adminUrl, tenant).href;
    const place = { pool: await pool(), adminUrl, versions: readModels };
    await rollBackReadModels(place, { actor: 'cli' });
    await expect(isUpgradeDue(await pool(), readModels)).resolves.toBe(false);
    const { standalone, api } = await start();
    expect((await api.get('conversations/c1')).status).toBe(200);
    await standalone.close();
    expect(await states()).toEqual(['retired_rm_2 retired', 'rm_1 active']);
  }, 60_000);
});
