import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMMANDS_TOPIC, encodeCommand, partnerTopic, TOPIC_PARTITIONS } from '@parley/contracts';
import { type TenantFreshness } from '@parley/tenancy';
import { startTestServer, type TestServer } from '@parley/testing';
import { readConfig } from '../src/config.js';
import { withInstallation } from '../src/installation.js';
import { runCli } from '../src/run-cli.js';

let server: TestServer;
let home: string;
let env: Record<string, string>;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'parley-cli-test-'));
  server = await startTestServer();
  env = { DATABASE_URL: server.url, PARLEY_HOME: home };
}, 60_000);

afterAll(async () => {
  await server.stop();
  await rm(home, { recursive: true, force: true });
});

async function parley(...argv: string[]): Promise<string> {
  let written = '';
  const write = (text: string) => void (written += text);
  expect(await runCli({ argv, env, output: { out: write, err: write } })).toBe(0);
  return written;
}

const aTenant = async (name: string) =>
  (JSON.parse(await parley('tenants', 'create', name, '--json')) as { id: string }).id;

type Shown = TenantFreshness & { readonly tenant: string; readonly name: string };
const shown = async (...argv: string[]) =>
  (JSON.parse(await parley('freshness', ...argv, '--json')) as { tenants: Shown[] }).tenants;

describe('parley freshness', () => {
  it('says of every tenant that nothing waits, before any service ever ran', async () => {
    const id = await aTenant('Acme');
    expect(await shown()).toMatchObject([
      {
        ...{ tenant: id, name: 'Acme', database: 'up', partitions: [] },
        log: { head: 0, last_recorded_at: null, unpublished: 0 },
      },
    ]);
    expect(await parley('freshness')).toBe(
      'Acme: head 0, last recorded never, 0 events unpublished\n  nothing waits\n',
    );
  });

  it('says what is not applied of one tenant, by door and by partition', async () => {
    const id = await aTenant('Globex');
    await parley('partners', 'create', '--tenant', 'Globex');
    await withInstallation(readConfig(env), async (installation) => {
      const bus = await installation.bus();
      await bus.ensureTopic({ topic: COMMANDS_TOPIC, partitions: TOPIC_PARTITIONS });
      const ids = { command_id: crypto.randomUUID(), attempt_id: crypto.randomUUID(), tenant: id };
      const data = { conversation_id: 'c' };
      const command = { type: 'DeleteConversation', data } as const;
      const envelope = { ...ids, command, door: 'http', warnings: [], source: {} } as const;
      await bus.publish(COMMANDS_TOPIC, [encodeCommand(envelope)]);
      const record = { key: 'k', headers: {}, value: Buffer.from('{}') };
      await bus.publish(partnerTopic(id), [record, record]);
    });
    const [globex, ...others] = await shown('--tenant', 'Globex');
    expect(others).toEqual([]);
    expect(globex!.doors.map(({ door, lag }) => [door, lag.records])).toEqual([
      ...[['http', 1] as const, ['kafka', 2] as const],
      ...['s3', 'upload', 'chat'].map((door) => [door, 0] as const),
    ]);
    const ends = globex!.partitions.filter(({ end }) => end > 0);
    expect(ends).toMatchObject([{ topic: COMMANDS_TOPIC }, { topic: partnerTopic(id), end: 2 }]);
    const text = await parley('freshness', '--tenant', 'Globex');
    expect(text).toMatch(/^ {2}http: 1 not applied, the oldest for \d+\.\d s$/m);
    expect(text).toMatch(/^ {2}kafka: 2 not applied, the oldest for \d+\.\d s$/m);
  });
});
