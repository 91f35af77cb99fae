import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, type KafkaBroker } from './broker.js';
import { makeCertificates } from './certificates.js';
import { kafkaSettings } from './config.js';
import { startMavenBroker } from './maven-broker.js';
import { brokerClassPath } from './maven-jars.js';

/** A broker that asks who its clients are. `brokers` is its open door, whose visitors may do everything. */
export interface SecuredBroker extends KafkaBroker {
  /** TLS, and SASL with PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. */
  readonly sasl: string;
  /** TLS with certificates on both sides; the client's is user `CN=client`. */
  readonly tls: string;
  /** For all mechanisms; may do what rules of access, made through the open door, allow. */
  readonly user: { readonly name: string; readonly password: string };
  /** Paths of `ca.pem`, `client.crt`, `client.key` and others. */
  file(name: string): string;
}

const USER = { name: 'alice', password: 'alice-secret' };
const LOGIN = 'org.apache.kafka.common.security';
const AUTHORIZER = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer';
const SCRAM = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];

/** A secured broker from Maven Central's jars; null without Java 17, Maven and openssl. */
export async function startSecuredKafkaBroker(): Promise<SecuredBroker | null> {
  const classPath = await brokerClassPath(kafkaSettings().cache);
  if (!classPath) return null;
  const folder = await mkdtemp(join(tmpdir(), 'parley-kafka-secured-'));
  try {
    await makeCertificates(folder, ['broker', 'client']);
    const [saslPort, tlsPort] = await freePorts(2);
    const broker = await startMavenBroker(classPath, {
      dataDir: join(folder, 'data'),
      doors: {
        SASLTLS: { port: saslPort!, protocol: 'SASL_SSL' },
        MTLS: { port: tlsPort!, protocol: 'SSL' },
      },
      settings: securitySettings((name) => join(folder, name)),
      formatArguments: SCRAM.flatMap((mechanism) => [
        '--add-scram',
        `${mechanism}=[name=${USER.name},password=${USER.password}]`,
      ]),
    });
    return {
      ...broker,
      ...{ sasl: `127.0.0.1:${saslPort}`, tls: `127.0.0.1:${tlsPort}`, user: USER },
      file: (name) => join(folder, name),
      stop: async () => {
        await broker.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function securitySettings(file: (name: string) => string): Record<string, string> {
  const door = 'listener.name.sasltls';
  return {
    'authorizer.class.name': AUTHORIZER,
    // Whoever comes through the open door, the broker itself among them.
    'super.users': 'User:ANONYMOUS',
    'sasl.enabled.mechanisms': ['PLAIN', ...SCRAM].join(),
    [`${door}.plain.sasl.jaas.config`]: `${LOGIN}.plain.PlainLoginModule required user_${USER.name}="${USER.password}";`,
    [`${door}.scram-sha-256.sasl.jaas.config`]: `${LOGIN}.scram.ScramLoginModule required;`,
    [`${door}.scram-sha-512.sasl.jaas.config`]: `${LOGIN}.scram.ScramLoginModule required;`,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': file('broker.pem'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': file('ca.pem'),
    'listener.name.mtls.ssl.client.auth': 'required',
  };
}
