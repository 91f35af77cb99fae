import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Bus } from '@parley/messaging';
import { createLogger, loadConfig } from '@parley/platform';
import { eventually, startSecuredKafkaBroker } from '@parley/testing';
import kafkajs from 'kafkajs';
import { installationSettings, openBus } from '../src/index.js';
import { anInstallation } from './installation.js';

jest.setTimeout(60_000);

const broker = await startSecuredKafkaBroker();
if (!broker) process.stderr.write('\nSKIPPED a secured Kafka (no Java 17, Maven and openssl)\n');

const describeWithBroker = broker ? describe : describe.skip;

describeWithBroker('a Kafka that asks who we are', () => {
  const secured = broker!;
  const logger = createLogger({ service: 'test', level: 'silent' });
  const opened: Bus[] = [];
  let installation: Awaited<ReturnType<typeof anInstallation>>;
  let topics = 0;

  beforeAll(async () => {
    installation = await anInstallation();
    await writeFile(secured.file('password'), `${secured.user.password}\n`);
    await writeFile(secured.file('wrong-password'), 'no-secret\n');
    await allow(secured.brokers, [`User:${secured.user.name}`, 'User:CN=client']);
  });
  afterAll(async () => {
    await Promise.all(opened.map((bus) => bus.close()));
    await installation?.stop();
    await broker?.stop();
  });

  async function open(env: Record<string, string>): Promise<Bus> {
    const database = { DATABASE_URL: installation.adminUrl };
    const settings = loadConfig(installationSettings, { ...database, ...env });
    const bus = await openBus(installation.control, settings, { name: 'test', logger });
    opened.push(bus);
    return bus;
  }

  const withPassword = (mechanism: string, password = 'password') => ({
    KAFKA_BROKERS: secured.sasl,
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: secured.user.name,
    KAFKA_SASL_PASSWORD_FILE: secured.file(password),
    KAFKA_TLS_CA_FILE: secured.file('ca.pem'),
  });
  const withCertificate = () => ({
    KAFKA_BROKERS: secured.tls,
    KAFKA_TLS_CA_FILE: secured.file('ca.pem'),
    KAFKA_TLS_CERT_FILE: secured.file('client.crt'),
    KAFKA_TLS_KEY_FILE: secured.file('client.key'),
  });

  async function newTopic(bus: Bus, prefix: string): Promise<string> {
    const topic = `${prefix}.test-${++topics}`;
    await bus.ensureTopic({ topic, partitions: 1 });
    return topic;
  }

  it.each([
    ['PLAIN', () => withPassword('PLAIN')],
    ['SCRAM-SHA-256', () => withPassword('SCRAM-SHA-256')],
    ['SCRAM-SHA-512', () => withPassword('SCRAM-SHA-512')],
    ['a certificate', withCertificate],
  ])('lets us in by %s: topics, publishing, consuming and reading again', async (_, env) => {
    const bus = await open(env());
    const topic = await newTopic(bus, 'ingestion');
    const got: string[] = [];
    await bus.consume({
      ...{ group: 'ingestion', topics: [topic] },
      handler: async ({ records }) => void got.push(...records.map(({ value }) => String(value))),
    });
    await bus.publish(topic, [{ key: 'a', headers: {}, value: Buffer.from('hello') }]);
    await eventually(() => got.length === 1, { timeoutMs: 25_000 });
    await bus.readRange({ topic, partition: 0, from: 0, to: 1 }, async (records) => {
      got.push(...records.map(({ value }) => String(value)));
    });
    expect(got).toEqual(['hello', 'hello']);
  });

  it.each(['PLAIN', 'SCRAM-SHA-512'])(
    'says by %s that the password is wrong',
    async (mechanism) => {
      await expect(open(withPassword(mechanism, 'wrong-password'))).rejects.toMatchObject({
        code: 'bus/access-denied',
        message: 'Kafka refuses our user name or password',
      });
    },
  );

  it('says that it can’t be verified without its authority', async () => {
    const env = { ...withPassword('PLAIN'), KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: '' };
    await expect(open(env)).rejects.toMatchObject({
      code: 'bus/unavailable',
      message: expect.stringMatching(/self-signed certificate|unable to/),
    });
  });

  it('says that a certificate of ours is wanted', async () => {
    const env = { KAFKA_BROKERS: secured.tls, KAFKA_TLS_CA_FILE: secured.file('ca.pem') };
    await expect(open(env)).rejects.toMatchObject({ code: 'bus/unavailable' });
  });

  it('ends a consumption of a topic that is not ours to read, and says so', async () => {
    const visitor = await open({ KAFKA_BROKERS: secured.brokers });
    const topic = await newTopic(visitor, 'others');
    const bus = await open(withPassword('SCRAM-SHA-512'));
    const consuming = bus.consume({
      ...{ group: 'ingestion', topics: [topic] },
      handler: async () => undefined,
    });
    const failure = await consuming.then(
      ({ failed }) => failed,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'bus/access-denied' });
  });
});

/** Our users may do all that Parley needs with `ingestion.*`, and nothing else. */
async function allow(brokers: string, principals: readonly string[]): Promise<void> {
  const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
  const kafka = new kafkajs.Kafka({
    ...{ clientId: 'operator', brokers: [brokers] },
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect();
  const rights = [
    [AclResourceTypes.TOPIC, 'ingestion'],
    [AclResourceTypes.GROUP, 'ingestion'],
    [AclResourceTypes.GROUP, 'parley-'],
  ] as const;
  await admin.createAcls({
    acl: principals.flatMap((principal) =>
      rights.map(([resourceType, resourceName]) => ({
        ...{ principal, resourceType, resourceName, host: '*' },
        resourcePatternType: ResourcePatternTypes.PREFIXED,
        operation: AclOperationTypes.ALL,
        permissionType: AclPermissionTypes.ALLOW,
      })),
    ),
  });
  await admin.disconnect();
}
