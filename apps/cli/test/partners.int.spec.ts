import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { partnerTopic } from '@parley/contracts';
import {
  describeWithKafka,
  startTestServer,
  testKafkaBrokers,
  type TestServer,
} from '@parley/testing';
import { readConfig } from '../src/config.js';
import { withInstallation } from '../src/installation.js';
import { runCli } from '../src/run-cli.js';

let server: TestServer;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'parley-cli-test-'));
  server = await startTestServer();
}, 60_000);

afterAll(async () => {
  await server.stop();
  await rm(home, { recursive: true, force: true });
});

async function parley(brokers: string | null, ...argv: string[]) {
  const env = {
    DATABASE_URL: server.url,
    PARLEY_HOME: home,
    ...(brokers === null ? {} : { KAFKA_BROKERS: brokers }),
  };
  let written = '';
  const write = (text: string) => void (written += text);
  const code = await runCli({ argv, env, output: { out: write, err: write } });
  return { code, written };
}

async function aTenant(name: string): Promise<string> {
  const { written } = await parley(null, 'tenants', 'create', name, '--json');
  return (JSON.parse(written) as { id: string }).id;
}

describe('parley partners on the embedded bus', () => {
  it('makes the topic once, lists it, and says that producers need Kafka', async () => {
    const id = await aTenant('Acme');
    const topic = partnerTopic(id);
    for (let time = 0; time < 2; time += 1) {
      const created = await parley(null, 'partners', 'create', '--tenant', 'Acme', '--json');
      expect(JSON.parse(created.written)).toEqual({
        ...{ tenant: id, topic, principal: null, acl_commands: [], kcat: null },
      });
    }
    const listed = await parley(null, 'partners', 'list', '--json');
    expect(JSON.parse(listed.written)).toEqual([
      { tenant: id, topic, principal: null, created_at: expect.any(String) },
    ]);
    const { written } = await parley(null, 'partners', 'create', '--tenant', 'Acme');
    expect(written).toContain('Producers need Kafka');
    expect((await parley(null, 'partners', 'list')).written).toContain('Acme');
    const config = readConfig({ DATABASE_URL: server.url, PARLEY_HOME: home });
    await withInstallation(config, async ({ bus }) => {
      expect(await (await bus()).incarnation(topic)).toBe(1);
    });
  });

  it('keeps the principal until another one is named, and refuses one that no shell could quote', async () => {
    await aTenant('Globex');
    const create = (...more: string[]) =>
      parley(null, 'partners', 'create', '--tenant', 'Globex', '--json', ...more);
    await create('--principal', 'globex');
    expect(JSON.parse((await create()).written)).toMatchObject({ principal: 'globex' });
    const renamed = await create('--principal', 'other');
    expect(JSON.parse(renamed.written)).toMatchObject({ principal: 'other' });
    for (const bad of ["a'b", 'a\nb', '']) {
      expect(await create('--principal', bad)).toMatchObject({
        code: 1,
        written: expect.stringContaining('partner/invalid-principal'),
      });
    }
  });

  it('refuses a tenant that is not there', async () => {
    const refused = await parley(null, 'partners', 'create', '--tenant', 'nobody');
    expect(refused).toMatchObject({ code: 1, written: expect.stringContaining('no tenant') });
  });
});

describeWithKafka('parley partners on Kafka', () => {
  it('prints the rights of its principal, which are to write to that topic alone, and a line to try', async () => {
    const id = await aTenant('Initech');
    const brokers = testKafkaBrokers()!;
    const named = ['--tenant', 'Initech', '--principal', 'initech'];
    const { written } = await parley(brokers, 'partners', 'create', ...named, '--json');
    const topic = partnerTopic(id);
    expect(JSON.parse(written)).toEqual({
      tenant: id,
      topic,
      principal: 'initech',
      acl_commands: [
        `kafka-acls.sh --bootstrap-server ${brokers} --add --allow-principal 'User:initech' --operation Write --operation Describe --topic '${topic}'`,
      ],
      kcat: expect.stringMatching(/^echo '\{"conversation_id".*\}' \| kcat -P -b /),
    });
  });
});
