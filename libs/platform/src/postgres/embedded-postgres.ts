import { mkdir } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { readOrCreatePrivateFile } from '../secret/private-file.js';
import { dataFolder, postgresBinaries } from './binaries.js';
import { type Cluster, initialize, serverUrl, startServer, stopServer } from './cluster.js';
import { letThrough, serverAccount } from './server-account.js';

/** Held, shared, by every process that uses the server; whoever can take it alone is the last one. */
const USERS_LOCK = 0x7061726c;
const START_WITHIN_MS = 60_000;
const RETRY_MS = 50;

/** Where the server keeps its files; `isDurable` (true by default) false gives up safety against power loss, for tests. */
export interface EmbeddedPostgresOptions {
  readonly home: string;
  readonly isDurable?: boolean;
}

/** A server in use; `url` is its superuser's. `stop` ends the use, and the server once no process uses it. */
export interface EmbeddedPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * A real PostgreSQL server under `<home>/postgres`, on a free port of 127.0.0.1; made and started if it does not run.
 *
 * Several processes may call this at once: they share the server, also one that a killed process left behind.
 * The superuser's random password is in `<home>/postgres-password`, readable by its owner only.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const cluster = await openCluster(options);
  const { client, url } = await takeInUse(cluster);
  let stopping: Promise<void> | undefined;
  return { url, stop: () => (stopping ??= endUse(cluster, client)) };
}

async function openCluster(options: EmbeddedPostgresOptions): Promise<Cluster> {
  const home = resolve(options.home);
  await mkdir(home, { recursive: true });
  const account = await serverAccount();
  if (account.uid !== undefined) await letThrough(home);
  const password = await readOrCreatePrivateFile(join(home, 'postgres-password'), () =>
    randomBytes(24).toString('base64url'),
  );
  const cluster = {
    data: await dataFolder(home, account, password),
    binaries: await postgresBinaries(account),
    account,
    password,
    isDurable: options.isDurable ?? true,
  };
  await initialize(cluster);
  return cluster;
}

async function takeInUse(cluster: Cluster): Promise<{ client: pg.Client; url: string }> {
  const deadline = performance.now() + START_WITHIN_MS;
  let last: unknown;
  while (performance.now() < deadline) {
    const url = await serverUrl(cluster);
    try {
      if (url) return { client: await hold(url), url };
    } catch (error) {
      last = error;
    }
    // Another process may be starting or stopping the same server: whoever fails here looks again.
    await startServer(cluster).catch((error: unknown) => (last = error));
    await delay(RETRY_MS);
  }
  throw new Error('the embedded PostgreSQL did not start', { cause: last });
}

async function hold(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT pg_advisory_lock_shared($1)', [USERS_LOCK]);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

async function endUse(cluster: Cluster, client: pg.Client): Promise<void> {
  const isLast = await releaseAndClaim(client).catch(() => false);
  if (isLast) await stopServer(cluster);
  await client.end().catch(() => undefined);
}

async function releaseAndClaim(client: pg.Client): Promise<boolean> {
  await client.query('SELECT pg_advisory_unlock_shared($1)', [USERS_LOCK]);
  const { rows } = await client.query<{ claimed: boolean }>(
    'SELECT pg_try_advisory_lock($1) AS claimed',
    [USERS_LOCK],
  );
  return rows[0]?.claimed === true;
}
