import { randomBytes, randomUUID } from 'node:crypto';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { readModels } from '@parley/domain';
import { createLogger } from '@parley/platform';
import { ControlDatabase, Credentials, provision, TenantDatabases, Tenants } from '@parley/tenancy';
import { startTestServer } from '@parley/testing';
import { type InjectOptions } from 'fastify';
import { type GatewayConfig, gatewayConfig } from '../../src/config.js';
import { createGateway } from '../../src/gateway.js';
import { ReceiptBoard } from '../../src/receipts/receipt-board.js';
import { decideIn } from './decide.js';
import { DecidingBus } from './deciding-bus.js';

/** An answer, its body parsed where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly body: unknown;
}

/** What the gateways of a spec stand on; `logged` is the lines that they wrote. */
export interface Installation {
  readonly credentials: Credentials;
  readonly control: ControlDatabase;
  readonly databases: TenantDatabases;
  readonly secret: Buffer;
  readonly logged: string[];
  createTenant(): Promise<string>;
  createKey(tenant: string, scopes?: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** PostgreSQL of its own, provisioned as an installation is. */
export async function install(): Promise<Installation> {
  const server = await startTestServer();
  const secret = randomBytes(32);
  await provision({ adminUrl: server.url, secret, models: readModels });
  const control = await ControlDatabase.open({ serverUrl: server.url, secret });
  const credentials = new Credentials(control);
  const databases = new TenantDatabases(control);
  const tenants = new Tenants(control);
  return {
    control,
    credentials,
    databases,
    secret,
    logged: [],
    createTenant: async () => (await tenants.create(`tenant ${randomUUID()}`, server.url)).id,
    createKey: async (tenant, scopes = ['ingest', 'read', 'chat', 'admin']) =>
      (await credentials.create({ tenant, kind: 'api-key', scopes })).key,
    stop: async () => {
      await databases.close();
      await control.close();
      await server.stop();
    },
  };
}

/** A gateway over an installation, whose commands are decided at once. */
export class GatewayUnderTest {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly bus: DecidingBus,
  ) {}

  /** `isSignalled`: receipts are posted in this process; otherwise they are found by polling the database. */
  static async start(
    { control, credentials, databases, secret, logged }: Installation,
    overrides: Partial<GatewayConfig> & { readonly isSignalled?: boolean } = {},
  ): Promise<GatewayUnderTest> {
    const { isSignalled = true, ...settings } = overrides;
    const receipts = isSignalled ? new ReceiptBoard() : undefined;
    const bus = new DecidingBus(decideIn(databases), (tenant, receipt) =>
      receipts?.post(tenant, [receipt]),
    );
    const destination = { write: (line: string) => void logged.push(line) };
    const logger = createLogger({ service: 'gateway', destination });
    const config = { ...gatewayConfig.parse({}), ...settings };
    const app = await createGateway({
      bus,
      config,
      control,
      credentials,
      databases,
      logger,
      receipts,
      secret,
    });
    return new GatewayUnderTest(app, bus);
  }

  async call(key: string | null, options: InjectOptions): Promise<Answer> {
    const headers = { ...(key === null ? {} : { 'x-api-key': key }), ...options.headers };
    const {
      statusCode,
      headers: answered,
      payload,
    } = await this.app.inject({
      ...options,
      headers,
    });
    return { status: statusCode, headers: answered, text: payload, body: parsed(payload) };
  }

  get(
    key: string | null,
    url: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.call(key, { method: 'GET', url, headers });
  }

  /** Posts a value as JSON, or bytes as they are. */
  post(
    key: string | null,
    url: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const payload = Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const type = { 'content-type': 'application/json' };
    return this.call(key, { method: 'POST', url, payload, headers: { ...type, ...headers } });
  }

  async stop(): Promise<void> {
    await this.bus.settled();
    await this.app.close();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
