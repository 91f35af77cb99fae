import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  BULK_TOPIC,
  type CommandEnvelope,
  COMMANDS_TOPIC,
  encodeCommand,
  type Receipt,
} from '@parley/contracts';
import { readModels } from '@parley/domain';
import { createGateway, gatewayConfig, ReceiptBoard } from '@parley/gateway';
import { createIngestion } from '@parley/ingestion';
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
import { startTestServer } from '@parley/testing';
import type pg from 'pg';

/** An answer as it came. */
export interface Injected {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A command on its way, without what every envelope has. */
export type SentCommand = Pick<CommandEnvelope, 'command' | 'door'> & Partial<CommandEnvelope>;

interface Parts {
  readonly installation: Installation;
  readonly gateway: NestFastifyApplication;
  readonly startIngestion: () => Promise<NestFastifyApplication>;
  readonly board: ReceiptBoard;
  readonly tenant: string;
  readonly key: string;
  /** The tenant's database under its app role. */
  readonly pool: pg.Pool;
  readonly adminUrl: string;
  readonly stop: () => Promise<void>;
}

/** Kafka instead of the embedded bus, and where to put the lines of the log. */
export interface InProcessOptions {
  readonly brokers?: string;
  readonly logged?: string[];
}

/** Gateway and ingestion in this process, over one of the buses and a PostgreSQL server of their own, with one tenant. */
export class InProcess {
  private constructor(
    private readonly parts: Parts,
    private ingestion: NestFastifyApplication,
  ) {}

  static async start({ brokers, logged }: InProcessOptions = {}): Promise<InProcess> {
    const server = await startTestServer();
    const home = await mkdtemp(join(tmpdir(), 'parley-test-'));
    await writeFile(join(home, 'secret'), randomBytes(32).toString('base64url'), { mode: 0o600 });
    await provision({
      adminUrl: server.url,
      secret: await readSecret({ home }),
      models: readModels,
    });
    const settings = installationSettings.parse({
      ...{ DATABASE_URL: server.url, PARLEY_HOME: home, ALLOW_DATA_LOSS: 'true' },
      ...(brokers && { KAFKA_BROKERS: brokers }),
    });
    const destination = { write: (line: string) => void logged?.push(line) };
    const level = logged ? 'trace' : 'fatal';
    const logger = createLogger({ service: 'test', level, ...(logged && { destination }) });
    const installation = await openInstallation(settings, { name: 'test', logger });
    const credentials = new Credentials(installation.control);
    const { id: tenant } = await new Tenants(installation.control).create('test', server.url);
    const scopes = [...SCOPES];
    const { key } = await credentials.create({ tenant, kind: 'api-key', scopes });
    const receipts = new ReceiptBoard();
    const parts = { ...installation, logger, receipts };
    const onFailure = () => undefined;
    const startIngestion = () => createIngestion({ ...parts, onFailure });
    const ingestion = await startIngestion();
    const config = gatewayConfig.parse({ RECEIPT_TIMEOUT_MS: 30_000 });
    const gateway = await createGateway({ ...parts, config, credentials });
    const stop = async () => {
      await installation.close();
      await server.stop();
      await rm(home, { recursive: true, force: true });
    };
    const pool = await installation.databases.pool(tenant, 'app');
    const ofTenant = { tenant, key, pool, adminUrl: server.url };
    const made = { installation, gateway, startIngestion, board: receipts, ...ofTenant, stop };
    return new InProcess(made, ingestion);
  }

  get tenant(): string {
    return this.parts.tenant;
  }

  get installation(): Installation {
    return this.parts.installation;
  }

  /** The server under its superuser. */
  get adminUrl(): string {
    return this.parts.adminUrl;
  }

  get pool(): pg.Pool {
    return this.parts.pool;
  }

  async stop(): Promise<void> {
    await this.parts.gateway.close();
    await this.ingestion.close();
    await this.parts.stop();
  }

  /** Nothing is applied from now on; what the gateway publishes is durable. */
  async stopIngestion(): Promise<void> {
    await this.ingestion.close();
  }

  async startIngestion(): Promise<void> {
    this.ingestion = await this.parts.startIngestion();
  }

  /** What this process serves to Prometheus. */
  async metrics(): Promise<string> {
    return (await this.parts.gateway.inject({ method: 'GET', url: '/metrics' })).payload;
  }

  get(path: string): Promise<Injected> {
    return this.call('GET', path);
  }

  put(path: string, body: unknown): Promise<Injected> {
    return this.call('PUT', path, { payload: JSON.stringify(body), type: 'application/json' });
  }

  delete(path: string): Promise<Injected> {
    return this.call('DELETE', path);
  }

  /** Posts a value as JSON, or lines as they are. */
  post(path: string, body: unknown): Promise<Injected> {
    return typeof body === 'string'
      ? this.call('POST', path, { payload: body, type: 'application/x-ndjson' })
      : this.call('POST', path, { payload: JSON.stringify(body), type: 'application/json' });
  }

  /** Posts a value and does not wait for what becomes of it. */
  postAsync(path: string, body: unknown): Promise<Injected> {
    const sent = { payload: JSON.stringify(body), type: 'application/json' };
    return this.call('POST', path, sent, { prefer: 'respond-async' });
  }

  /** Publishes a command as its door would, `times` over; answers what was decided of it. */
  async send(sent: SentCommand, times = 1): Promise<Receipt> {
    const { board, installation, tenant } = this.parts;
    const ids = { command_id: randomUUID(), attempt_id: randomUUID(), tenant };
    const envelope = { ...ids, warnings: [], source: {}, ...sent };
    const { promise, resolve } = Promise.withResolvers<Receipt>();
    const { command_id: commandId, attempt_id: attemptId } = envelope;
    board.expect({ tenant, commandId, attemptId }, resolve);
    const records = Array.from({ length: times }, () => encodeCommand(envelope));
    const topic = sent.door === 's3' ? BULK_TOPIC : COMMANDS_TOPIC;
    await installation.bus.publish(topic, records);
    return promise;
  }

  private async call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    { payload, type }: { readonly payload?: string; readonly type?: string } = {},
    others: Readonly<Record<string, string>> = {},
  ): Promise<Injected> {
    const answer = await this.parts.gateway.inject({
      method,
      url: `/api/${path}`,
      headers: { 'x-api-key': this.parts.key, ...(type && { 'content-type': type }), ...others },
      ...(payload !== undefined && { payload }),
    });
    const { statusCode: status, headers, payload: text } = answer;
    const isJson = String(headers['content-type']).startsWith('application/json');
    const body = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>;
    return { status, headers, text, body };
  }
}
