import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { announceTestParts } from '../config.js';
import { startTestServer } from '../postgres/test-server.js';

const USES_POSTGRES = /createTestDatabase|testServerUrl/;
const USES_KAFKA = /describeWithKafka|testKafkaBrokers/;

interface Stoppable {
  stop(): Promise<void>;
}

/** Starts what the specs of this jest run share, and answers how to stop it; a part that no spec names is not started. */
export async function startTestParts(
  { projects }: { projects: readonly string[] },
  project: { rootDir: string },
): Promise<() => Promise<void>> {
  const folders = projects.length > 0 ? projects : [project.rootDir];
  const sources = (await Promise.all(folders.map(sourcesUnder))).flat();
  const isUsed = (names: RegExp) => sources.some((text) => names.test(text));
  const parts = await Promise.all([
    isUsed(USES_POSTGRES) ? startPostgres() : null,
    isUsed(USES_KAFKA) ? startKafka() : null,
  ]);
  return async () => {
    for (const part of parts) await part?.stop();
  };
}

async function startPostgres(): Promise<Stoppable> {
  const server = await startTestServer();
  announceTestParts({ serverUrl: server.url });
  return server;
}

async function startKafka(): Promise<Stoppable | null> {
  // Only runs that use a broker pay for loading what finds one.
  const { startKafkaBroker } = await import('../kafka/start-kafka-broker.js');
  const broker = await startKafkaBroker();
  if (broker) announceTestParts({ kafkaBrokers: broker.brokers });
  return broker;
}

/** The texts of a project's specs and of the helpers beside them. */
async function sourcesUnder(project: string): Promise<string[]> {
  const texts = ['src', 'test'].map(async (name) => {
    const folder = join(project, name);
    const files = await readdir(folder, { recursive: true }).catch(() => []);
    const isTestSource = (file: string) =>
      file.endsWith('.spec.ts') || (name === 'test' && file.endsWith('.ts'));
    return Promise.all(
      files.filter(isTestSource).map((file) => readFile(join(folder, file), 'utf8')),
    );
  });
  return (await Promise.all(texts)).flat();
}
