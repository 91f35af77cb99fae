import { type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModels } from '@parley/domain';
import { type ReadModelVersion } from '@parley/event-sourcing';
import { readSecret } from '@parley/platform';
import {
  ControlDatabase,
  Credentials,
  provision,
  SCOPES,
  TenantDatabases,
  Tenants,
} from '@parley/tenancy';
import { eventually, runTypeScript, startTestServer } from '@parley/testing';
import type pg from 'pg';

const APPS = join(import.meta.dirname, '..', '..', '..');

/** Over which bus the services run; `models` are what the databases were made with. */
export interface ServicesOptions {
  readonly brokers?: string;
  readonly models?: readonly ReadModelVersion[];
}

/** A service in a process of its own, on a port that stays over restarts. */
export class ServiceProcess {
  private child: ChildProcess | null = null;

  private constructor(
    private readonly file: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async start(file: string, env: Record<string, string>): Promise<ServiceProcess> {
    const service = new ServiceProcess(file, { ...env, PORT: String(await freePort()) });
    await service.start();
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${this.env['PORT'] ?? ''}`;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Resolves when the service is ready. */
  async start(): Promise<void> {
    this.child = runTypeScript(this.file, { env: this.env });
    this.child.stdout?.pipe(process.stderr);
    this.child.stderr?.pipe(process.stderr);
    await eventually(
      async () => {
        if (this.child?.exitCode != null) throw new Error(`${this.file} ended by itself`);
        const { ok } = await fetch(`${this.url}/health/ready`);
        if (!ok) throw new Error('not ready');
      },
      { timeoutMs: 60_000 },
    );
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }
}

/** Gateway and ingestion as processes of their own, over a PostgreSQL server of their own, with one tenant. */
export interface Services {
  readonly gateway: ServiceProcess;
  readonly ingestion: ServiceProcess;
  readonly tenant: string;
  readonly key: string;
  /** The tenant's database under its app role, and under the server's superuser. */
  readonly pool: pg.Pool;
  readonly adminUrl: string;
  readonly home: string;
  /** What tells another process of this installation where it is. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts them; both are ready when this resolves. */
export async function startServices(options: ServicesOptions = {}): Promise<Services> {
  const server = await startTestServer();
  const home = await mkdtemp(join(tmpdir(), 'parley-test-'));
  await writeFile(join(home, 'secret'), randomBytes(32).toString('base64url'), { mode: 0o600 });
  const secret = await readSecret({ home });
  await provision({ adminUrl: server.url, secret, models: options.models ?? readModels });
  const control = await ControlDatabase.open({ serverUrl: server.url, secret });
  const { id: tenant } = await new Tenants(control).create('test', server.url);
  const { key } = await new Credentials(control).create({
    tenant,
    kind: 'api-key',
    scopes: [...SCOPES],
  });
  const databases = new TenantDatabases(control);
  const env: Record<string, string> = {
    DATABASE_URL: server.url,
    PARLEY_HOME: home,
    LOG_LEVEL: 'error',
    ALLOW_DATA_LOSS: 'true',
    ...(options.brokers
      ? { KAFKA_BROKERS: options.brokers, KAFKA_SESSION_TIMEOUT_MS: '6000' }
      : {}),
  };
  const ingestion = await ServiceProcess.start(join(APPS, 'ingestion/src/main.ts'), env);
  const gateway = await ServiceProcess.start(join(APPS, 'gateway/src/main.ts'), env);
  const pool = await databases.pool(tenant, 'app');
  const stop = async () => {
    await Promise.all([gateway.end('SIGTERM'), ingestion.end('SIGTERM')]);
    await databases.close();
    await control.close();
    await server.stop();
    await rm(home, { recursive: true, force: true });
  };
  return { gateway, ingestion, tenant, key, pool, adminUrl: server.url, home, env, stop };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
