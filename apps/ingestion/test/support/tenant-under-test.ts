import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CommandEnvelope,
  encodeCommand,
  type IngestionCommand,
  type Receipt,
} from '@parley/contracts';
import { readModels } from '@parley/domain';
import { EventStore } from '@parley/event-store';
import { type BusRecord, type Chunk, type DeliveredRecord, type Source } from '@parley/messaging';
import { createLogger } from '@parley/platform';
import {
  type Installation,
  installationSettings,
  openInstallation,
  provision,
  Tenants,
} from '@parley/tenancy';
import { readSecret } from '@parley/platform';
import { type FaultProxy, startFaultProxy, startTestServer } from '@parley/testing';
import pg from 'pg';
import { applyChunk } from '../../src/commands/apply-chunk.js';
import { prepare } from '../../src/commands/prepared-record.js';

/** An installation with a PostgreSQL server of its own, which tenants on `FLAKY` reach through a proxy. */
export interface TestInstallation extends Installation {
  readonly adminUrl: string;
  readonly tenants: Tenants;
  readonly proxy: FaultProxy;
}

/** The name of the server behind the proxy: the same one. */
export const FLAKY = 'flaky';

/** Opens one, over Kafka where brokers are named, its databases made with `models`; `close` takes it away. */
export async function install(brokers?: string, models = readModels): Promise<TestInstallation> {
  const server = await startTestServer();
  const home = await mkdtemp(join(tmpdir(), 'parley-test-'));
  await provision({ adminUrl: server.url, secret: await readSecret({ home }), models });
  const proxy = await startFaultProxy({ target: server.url });
  const settings = installationSettings.parse({
    PARLEY_SERVERS: JSON.stringify({ [FLAKY]: proxy.through(server.url) }),
    ...{ DATABASE_URL: server.url, PARLEY_HOME: home, KAFKA_BROKERS: brokers },
    ...{ KAFKA_SESSION_TIMEOUT_MS: 6_000, ALLOW_DATA_LOSS: 'true' },
  });
  const logger = createLogger({ service: 'test', level: 'fatal' });
  const installation = await openInstallation(settings, { name: 'test', logger });
  return {
    ...installation,
    ...{ adminUrl: server.url, proxy },
    tenants: new Tenants(installation.control),
    close: async () => {
      await installation.close();
      await proxy.close();
      await server.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** One tenant's log, fed with what a bus would deliver. */
export class TenantUnderTest {
  private offset = 0;
  readonly source: Source = {
    bus: 'test bus',
    incarnation: 1,
    group: 'ingestion',
    topic: 'ingestion.commands.v1',
    partition: 0,
  };

  private constructor(
    readonly id: string,
    readonly pool: pg.Pool,
    readonly store: EventStore,
    readonly adminUrl: string,
  ) {}

  static async create({ tenants, databases, adminUrl }: TestInstallation, server?: string) {
    const { id } = await tenants.create(`test ${randomUUID()}`, adminUrl, server);
    const pool = await databases.pool(id, 'app');
    const url = new URL(adminUrl);
    url.pathname = `/${id}`;
    return new TenantUnderTest(id, pool, new EventStore(pool, readModels), url.href);
  }

  /** A record as the bus would deliver it next. */
  record(command: IngestionCommand, envelope: Partial<CommandEnvelope> = {}): DeliveredRecord {
    const { key, headers, value } = encodeCommand({
      command_id: randomUUID(),
      attempt_id: randomUUID(),
      tenant: this.id,
      door: 'http',
      warnings: [],
      source: {},
      ...envelope,
      command,
    });
    return this.raw({ key: Buffer.from(key), headers, value });
  }

  raw(record: Omit<DeliveredRecord, 'offset' | 'timestamp'>): DeliveredRecord {
    return { ...record, offset: this.offset++, timestamp: 0 };
  }

  chunk(records: readonly DeliveredRecord[]): Chunk {
    return { source: this.source, highWater: this.offset, records };
  }

  /** Applies records as one delivery, in one transaction. */
  apply(records: readonly DeliveredRecord[]): Promise<readonly Receipt[]> {
    const delivery = { ...this.chunk(records), records: records.map(prepare) };
    return this.store.transact('interactive', (tx) => applyChunk(tx, [delivery]));
  }

  /** Applies one command; answers its receipt. */
  async send(command: IngestionCommand, envelope: Partial<CommandEnvelope> = {}): Promise<Receipt> {
    const [receipt] = await this.apply([this.record(command, envelope)]);
    return receipt!;
  }

  /** Rows of a query, as the server's superuser. */
  async query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.adminUrl });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** In which tables a text stands, as text or as bytes. */
  async tablesWith(text: string): Promise<string[]> {
    const tables = await this.query<{ name: string }>(`
      SELECT format('%I.%I', n.nspname, c.relname) AS name
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')`);
    const hex = Buffer.from(text).toString('hex');
    const found = await Promise.all(
      tables.map(async ({ name }) => {
        const sql = `SELECT 1 FROM ${name} AS r WHERE r::text LIKE '%${text}%' OR r::text LIKE '%${hex}%' LIMIT 1`;
        return (await this.query(sql)).length > 0 ? [name] : [];
      }),
    );
    return found.flat().sort();
  }
}

/** A record as it goes to the bus. */
export function published({ key, headers, value }: DeliveredRecord): BusRecord {
  const texts = Object.entries(headers).map(([name, said]) => [name, String(said)] as const);
  return { key: String(key), headers: Object.fromEntries(texts), value: value! };
}
