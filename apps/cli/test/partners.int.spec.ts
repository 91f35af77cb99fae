import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodePartnerRecord, partnerTopic } from '@parley/contracts';
import { type DeliveredRecord } from '@parley/messaging';
import {
  describeWithKafka,
  eventually,
  isKafkaRequired,
  startSecuredKafkaBroker,
  startTestServer,
  testKafkaBrokers,
  type TestServer,
} from '@parley/testing';
import kafkajs, { type AclEntry, type Admin } from 'kafkajs';
import { readConfig } from '../src/config.js';
import { withInstallation } from '../src/installation.js';
import { createPartner } from '../src/partners.commands.js';
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
  return parleyWith(brokers === null ? {} : { KAFKA_BROKERS: brokers }, ...argv);
}

async function parleyWith(kafka: Record<string, string>, ...argv: string[]) {
  const env = { DATABASE_URL: server.url, PARLEY_HOME: home, ...kafka };
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

const secured = await startSecuredKafkaBroker();
if (!secured) process.stderr.write('\nSKIPPED a secured Kafka (no Java 17, Maven and openssl)\n');

const hasKcat = spawnSync('kcat', ['-V']).status === 0;
if (!hasKcat) process.stderr.write('\nSKIPPED the line of kcat (it is not installed)\n');

describeWithKafka('the line to try it with', () => {
  (hasKcat || isKafkaRequired() ? it : it.skip)(
    'sends a record that the door takes',
    async () => {
      const id = await aTenant('Cyberdyne');
      const argv = ['partners', 'create', '--tenant', 'Cyberdyne', '--json'];
      const { written } = await parley(testKafkaBrokers(), ...argv);
      const { kcat, topic } = JSON.parse(written) as { kcat: string; topic: string };
      await promisify(execFile)('bash', ['-c', kcat]);
      const config = readConfig({
        ...{ DATABASE_URL: server.url, PARLEY_HOME: home, KAFKA_BROKERS: testKafkaBrokers()! },
      });
      const found: DeliveredRecord[] = [];
      await withInstallation(config, async (at) => {
        const bus = await at.bus();
        for (const { partition, highWater } of await bus.ends(topic)) {
          const range = { topic, partition, from: 0, to: highWater };
          await bus.readRange(range, async (records) => void found.push(...records));
        }
      });
      const decoded = found.map((record) =>
        decodePartnerRecord(record, { tenantNames: [id], now: Date.now() }),
      );
      expect(decoded).toMatchObject([{ ok: true, value: { type: 'RecordConversation' } }]);
    },
    60_000,
  );

  it('logs in as the partner where we log in ourselves, with a password that is left out', async () => {
    await aTenant('Hooli');
    const config = readConfig({
      ...{ DATABASE_URL: server.url, PARLEY_HOME: home, KAFKA_BROKERS: testKafkaBrokers()! },
    });
    const secret = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_TLS_CA_FILE: '/etc/ca.pem' };
    const { json } = await withInstallation(config, (at) =>
      createPartner(
        { ...at, config: { ...config, ...secret } as typeof config },
        { tenant: 'Hooli', principal: 'User:hooli' },
      ),
    );
    expect((json as { kcat: string }).kcat).toContain(
      `-X security.protocol=sasl_ssl -X ssl.ca.location='/etc/ca.pem' -X sasl.mechanism=SCRAM-SHA-512 -X sasl.username='hooli' -X sasl.password=…`,
    );
  });
});

(secured ? describe : describe.skip)('a partner on a Kafka that asks who it is', () => {
  afterAll(() => secured?.stop());

  it('may do what was printed for it: write to its topic, see that alone, and nothing else', async () => {
    const { name, password } = secured!.user;
    const create = async (tenant: string) => {
      await aTenant(tenant);
      const argv = ['partners', 'create', '--tenant', tenant, '--principal', name, '--json'];
      const { written } = await parley(secured!.brokers, ...argv);
      return JSON.parse(written) as { topic: string; acl_commands: string[] };
    };
    const [own, others] = [await create('Umbrella'), await create('Vehement')];
    await asOperator(secured!.brokers, async (operator) => {
      await operator.createAcls({ acl: rightsIn(own.acl_commands[0]!) });
      // The first one to ask for a group has to wait for the broker to make ready for groups.
      await eventually(() => operator.fetchOffsets({ groupId: 'any' }), { timeoutMs: 20_000 });
    });
    const partner = new kafkajs.Kafka({
      ...{ brokers: [secured!.sasl], logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 1 } },
      ssl: { ca: [await readFile(secured!.file('ca.pem'), 'utf8')] },
      sasl: { mechanism: 'scram-sha-512', username: name, password },
    });
    const messages = [{ value: '{}' }];
    const producer = partner.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    await producer.send({ topic: own.topic, messages });
    await expect(producer.send({ topic: others.topic, messages })).rejects.toThrow(/uthoriz/);
    await producer.disconnect();
    const admin = partner.admin();
    await admin.connect();
    expect(await admin.listTopics()).toEqual([own.topic]);
    await expect(admin.createTopics({ topics: [{ topic: 'more' }] })).rejects.toThrow();
    // What kafkajs says of a group that it may not see; the operator has just seen it.
    const asked = admin.fetchOffsets({ groupId: 'any' });
    await expect(asked).rejects.toThrow('Failed to find group coordinator');
    await admin.disconnect();
  }, 120_000);
});

/** The rights that a printed kafka-acls command gives. */
function rightsIn(command: string): AclEntry[] {
  const [, principal = ''] = /--allow-principal '([^']+)'/.exec(command) ?? [];
  const [, resourceName = ''] = /--topic '([^']+)'$/.exec(command) ?? [];
  const operations = [...command.matchAll(/--operation (\w+)/g)].map(([, named = '']) => named);
  const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
  return operations.map((operation) => ({
    ...{ principal, resourceName, host: '*' },
    resourceType: AclResourceTypes.TOPIC,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    operation: AclOperationTypes[operation.toUpperCase() as 'WRITE'],
    permissionType: AclPermissionTypes.ALLOW,
  }));
}

async function asOperator(
  brokers: string,
  work: (admin: Admin) => Promise<unknown>,
): Promise<void> {
  const kafka = new kafkajs.Kafka({ brokers: [brokers], logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await work(admin);
  await admin.disconnect();
}
