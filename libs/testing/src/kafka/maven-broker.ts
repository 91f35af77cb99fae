import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BrokerOptions, freePorts, type KafkaBroker, untilListening } from './broker.js';
import { type BrokerExtras, type BrokerPorts, loggingTo, serverProperties } from './properties.js';

const STOP_WITHIN_MS = 10_000;
const JVM = [
  '-Xmx512m',
  '-Xms64m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:-UsePerfData',
  '-Djava.net.preferIPv4Stack=true',
  '-Djava.awt.headless=true',
];

/** A broker in a Java process of this machine; `classPath` holds Apache Kafka's jars. */
export async function startMavenBroker(
  classPath: string,
  { dataDir, port, advertisedPort, ...extras }: BrokerOptions & BrokerExtras,
): Promise<KafkaBroker> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'parley-kafka-')));
  const own = port ?? (await freePorts(1))[0]!;
  const ports = { port: own, advertisedPort: advertisedPort ?? own };
  const broker = new JavaBroker(classPath, folder, { ...extras, ports });
  await broker.prepare();
  await broker.start();
  return {
    brokers: broker.address,
    kill9: () => broker.end('SIGKILL'),
    restart: async () => {
      await broker.end('SIGTERM');
      await broker.start();
    },
    stop: async () => {
      await broker.end('SIGTERM');
      if (!dataDir) await rm(folder, { recursive: true, force: true });
    },
  };
}

class JavaBroker {
  private process?: ChildProcess;
  private readonly endWithUs = () => this.process?.kill('SIGKILL');

  constructor(
    private readonly classPath: string,
    private readonly folder: string,
    private readonly how: BrokerExtras & { readonly ports: BrokerPorts },
  ) {}

  get address(): string {
    return `127.0.0.1:${this.how.ports.port}`;
  }

  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await writeFile(join(this.folder, 'log4j2.properties'), loggingTo(this.folder));
    if (existsSync(join(this.folder, 'log', 'meta.properties'))) return;
    const [controllerPort] = await freePorts(1);
    await writeFile(this.settings, serverProperties(this.folder, controllerPort!, this.how));
    await promisify(execFile)('java', [
      ...this.jvm('kafka.tools.StorageTool'),
      'format',
      '-t',
      clusterId(),
      '-c',
      this.settings,
      ...(this.how.formatArguments ?? []),
    ]);
  }

  async start(): Promise<void> {
    const output = await open(join(this.folder, 'stdout.log'), 'a');
    const started = spawn('java', [...this.jvm('kafka.Kafka'), this.settings], {
      stdio: ['ignore', output.fd, output.fd],
    });
    this.process = started;
    process.once('exit', this.endWithUs);
    await output.close();
    try {
      await untilListening(this.how.ports.port, () => started.exitCode === null);
    } catch (cause) {
      const log = await readFile(join(this.folder, 'stdout.log'), 'utf8');
      throw new Error(`Kafka did not start:\n${log}`, { cause });
    }
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = this.process;
    this.process = undefined;
    process.off('exit', this.endWithUs);
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    const impatience = setTimeout(() => ending.kill('SIGKILL'), STOP_WITHIN_MS);
    await ended;
    clearTimeout(impatience);
  }

  private get settings(): string {
    return join(this.folder, 'server.properties');
  }

  private jvm(main: string): string[] {
    const logging = `-Dlog4j2.configurationFile=${join(this.folder, 'log4j2.properties')}`;
    return [...JVM, logging, '-cp', this.classPath, main];
  }
}

/** 16 bytes in base64url; the fixed first byte keeps it from starting with a dash, which reads as an option. */
function clusterId(): string {
  return Buffer.concat([Buffer.of(1), randomBytes(15)]).toString('base64url');
}
