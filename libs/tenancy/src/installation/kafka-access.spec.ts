import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '@parley/platform';
import { kafkaAccessSettings, readKafkaAccess } from './kafka-access.js';

describe('how Kafka is reached', () => {
  let folder: string;
  const file = (name: string) => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-test-'));
    for (const name of ['password', 'ca', 'cert', 'key']) await writeFile(file(name), `${name}\n`);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const read = async (env: Record<string, string>) =>
    readKafkaAccess(loadConfig(kafkaAccessSettings, env));

  it('is openly and without a name where nothing is said', async () => {
    expect(await read({})).toEqual({});
    expect(await read({ KAFKA_TLS: 'false', KAFKA_TLS_CA_FILE: file('ca') })).toEqual({});
  });

  it('is by a name and the password in a file', async () => {
    const access = await read({
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: 'parley',
      KAFKA_SASL_PASSWORD_FILE: file('password'),
      KAFKA_REPLICATION_FACTOR: '3',
    });
    const sasl = { mechanism: 'scram-sha-512', username: 'parley', password: 'password' };
    expect(access).toEqual({ sasl, replicationFactor: 3 });
  });

  it('is over TLS, with the authorities of the system, of a file, and with a certificate of our own', async () => {
    expect(await read({ KAFKA_TLS: 'true' })).toEqual({ ssl: {} });
    expect(await read({ KAFKA_TLS_CA_FILE: file('ca') })).toEqual({ ssl: { ca: ['ca\n'] } });
    const own = { KAFKA_TLS_CERT_FILE: file('cert'), KAFKA_TLS_KEY_FILE: file('key') };
    expect(await read(own)).toEqual({ ssl: { cert: 'cert\n', key: 'key\n' } });
  });

  it('is refused where a setting lacks its companion, which is named', async () => {
    const half = { KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_SASL_USERNAME: 'parley' };
    await expect(read(half)).rejects.toThrow('KAFKA_SASL_PASSWORD_FILE must be set, too');
    const certificate = { KAFKA_TLS_CERT_FILE: file('cert') };
    await expect(read(certificate)).rejects.toThrow('KAFKA_TLS_KEY_FILE must be set, too');
  });

  it('is refused where a file can’t be read or a value is none, and the setting is named', async () => {
    const missing = read({ KAFKA_TLS_CA_FILE: file('missing') });
    await expect(missing).rejects.toThrow('the file of KAFKA_TLS_CA_FILE can’t be read');
    await expect(read({ KAFKA_SASL_MECHANISM: 'GSSAPI' })).rejects.toThrow('KAFKA_SASL_MECHANISM');
    await expect(read({ KAFKA_TLS: 'perhaps' })).rejects.toThrow('KAFKA_TLS');
  });
});
