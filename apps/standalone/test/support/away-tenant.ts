import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModels } from '@parley/domain';
import { createLogger, readSecret } from '@parley/platform';
import {
  Credentials,
  type Installation,
  installationSettings,
  openInstallation,
  provision,
  SCOPES,
  Tenants,
} from '@parley/tenancy';
import { type FaultProxy, startFaultProxy, startTestServer } from '@parley/testing';
import { byBus, byHttp, type Send } from './paced-load.js';
import { ServiceProcess } from './services.js';

const APPS = join(import.meta.dirname, '..', '..', '..');
const FLAKY = 'flaky';

/** A tenant, and how its records are sent. */
export interface SendingTenant {
  readonly id: string;
  readonly send: Send;
}

/** A gateway and two ingestions as processes of their own; one of the tenants has its database behind a proxy. */
export interface AwayTenantRig {
  readonly proxy: FaultProxy;
  readonly ingestions: readonly [ServiceProcess, ServiceProcess];
  readonly away: SendingTenant;
  readonly others: readonly SendingTenant[];
  /** The same installation, opened in this process. */
  readonly installation: Installation;
  stop(): Promise<void>;
}

/** Starts them over the bus of `brokers`, or the embedded one. */
export async function startAwayTenantRig(brokers?: string): Promise<AwayTenantRig> {
  const server = await startTestServer();
  const proxy = await startFaultProxy({ target: server.url });
  const home = await mkdtemp(join(tmpdir(), 'parley-test-'));
  await writeFile(join(home, 'secret'), randomBytes(32).toString('base64url'), { mode: 0o600 });
  const servers = { [FLAKY]: proxy.through(server.url) };
  const secret = await readSecret({ home });
  await provision({ adminUrl: server.url, servers, secret, models: readModels });
  const env: Record<string, string> = {
    ...{ DATABASE_URL: server.url, PARLEY_SERVERS: JSON.stringify(servers), PARLEY_HOME: home },
    ...{ LOG_LEVEL: 'error', ALLOW_DATA_LOSS: 'true' },
    ...(brokers && { KAFKA_BROKERS: brokers, KAFKA_SESSION_TIMEOUT_MS: '3000' }),
  };
  const logger = createLogger({ service: 'test', level: 'fatal' });
  const settings = installationSettings.parse(env);
  const installation = await openInstallation(settings, { name: 'test', logger });
  const start = (name: string) => ServiceProcess.start(join(APPS, name, 'src/main.ts'), env);
  const names = ['gateway', 'ingestion', 'ingestion'] as const;
  const [gateway, first, second] = await Promise.all(names.map(start));
  const ingestions = [first!, second!] as const;
  const stop = async () => {
    await Promise.all([gateway!, ...ingestions].map((service) => service.end('SIGTERM')));
    await installation.close();
    await proxy.close();
    await server.stop();
    await rm(home, { recursive: true, force: true });
  };
  const sending = await makeTenants(installation, server.url, gateway!.url);
  return { proxy, ingestions, ...sending, installation, stop };
}

async function makeTenants(
  { control, bus }: Installation,
  adminUrl: string,
  url: string,
): Promise<Pick<AwayTenantRig, 'away' | 'others'>> {
  const tenants = new Tenants(control);
  const credentials = new Credentials(control);
  const other = async (name: string) => {
    const { id } = await tenants.create(name, adminUrl);
    const scopes = [...SCOPES];
    const { key } = await credentials.create({ tenant: id, kind: 'api-key', scopes });
    return { id, send: byHttp(url, key) };
  };
  const { id } = await tenants.create('away', adminUrl, FLAKY);
  const others = [await other('one'), await other('another')];
  return { away: { id, send: byBus(bus, id) }, others };
}
