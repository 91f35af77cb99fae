import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@parley/platform';
import { type FaultProxy, startFaultProxy } from '@parley/testing/faults';
import pg from 'pg';

/**
 * A durable PostgreSQL server behind three proxies: `faults` is what the services go through and what is made to
 * misbehave, `aside` the way to tenants that are placed there, as on another server; the harness' own gives it an
 * address that outlives a crash of the server.
 */
export class PostgresServer {
  private constructor(
    private readonly home: string,
    private server: EmbeddedPostgres,
    readonly faults: FaultProxy,
    private readonly others: { readonly aside: FaultProxy; readonly own: FaultProxy },
  ) {}

  static async start(home: string): Promise<PostgresServer> {
    const server = await startEmbeddedPostgres({ home });
    const faults = await startFaultProxy({ target: server.url });
    const aside = await startFaultProxy({ target: server.url });
    const own = await startFaultProxy({ target: server.url });
    return new PostgresServer(home, server, faults, { aside, own });
  }

  get aside(): FaultProxy {
    return this.others.aside;
  }

  /** As `servicesUrl`, by the other way. */
  get asideUrl(): string {
    return this.aside.through(this.server.url);
  }

  /** The superuser's URL, past all faults. */
  get ownUrl(): string {
    return this.others.own.through(this.server.url);
  }

  /** The same for the services. */
  get servicesUrl(): string {
    return this.faults.through(this.server.url);
  }

  /** The superuser's URL of one database, past all faults. */
  urlOf(database: string): string {
    const url = new URL(this.ownUrl);
    url.pathname = `/${database}`;
    return url.href;
  }

  /** Runs statements as the superuser on a connection of their own. */
  async query<Row extends pg.QueryResultRow>(
    database: string,
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.session(
      database,
      async (client) => (await client.query<Row>(sql, [...values])).rows,
    );
  }

  async session<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.urlOf(database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Changes a setting of the running server, or takes the change back. */
  async configure(name: string, value: string | null): Promise<void> {
    const change = value === null ? `RESET ${name}` : `SET ${name} = ${value}`;
    await this.query('postgres', `ALTER SYSTEM ${change}`);
    await this.query('postgres', 'SELECT pg_reload_conf()');
  }

  /** kill -9 of the postmaster and of all its processes, then a start with crash recovery; answers milliseconds. */
  async crash(): Promise<number> {
    const data = await this.dataFolder();
    const postmaster = Number(
      (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[0],
    );
    const all = [postmaster, ...(await childrenOf(postmaster))];
    for (const pid of all) killIfThere(pid);
    const start = performance.now();
    this.server = await startEmbeddedPostgres({ home: this.home });
    for (const proxy of this.proxies) proxy.aim(this.server.url);
    return performance.now() - start;
  }

  async stop(): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
    await this.server.stop();
  }

  private get proxies(): FaultProxy[] {
    return [this.faults, this.others.aside, this.others.own];
  }

  async dataFolder(): Promise<string> {
    const [row] = await this.query<{ folder: string }>(
      'postgres',
      `SELECT setting AS folder FROM pg_settings WHERE name = 'data_directory'`,
    );
    return row!.folder;
  }
}

async function childrenOf(parent: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=']);
  const processes = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  return processes.flatMap(([pid, ppid]) => (ppid === parent && pid ? [pid] : []));
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has noticed by itself that the postmaster is gone.
  }
}
