import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { type Binaries } from './binaries.js';
import { type ServerAccount } from './server-account.js';

/** The superuser of an embedded server. */
export const SUPERUSER = 'postgres';

/** The files of one embedded server and how to run it. */
export interface Cluster {
  readonly data: string;
  readonly binaries: Binaries;
  readonly account: ServerAccount;
  readonly password: string;
  readonly isDurable: boolean;
}

/** Makes the data folder unless it is there; a half-made one is never seen under its name. */
export async function initialize(cluster: Cluster): Promise<void> {
  if (await isThere(join(cluster.data, 'PG_VERSION'))) return;
  const draft = `${cluster.data}.${randomUUID()}`;
  const passwordFile = `${draft}.pw`;
  await mkdir(dirname(draft), { recursive: true });
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordFile, cluster.password, { mode: 0o600 });
    await give(cluster.account, draft, passwordFile);
    await runAs(cluster, cluster.binaries.initdb, [
      `--pgdata=${draft}`,
      `--pwfile=${passwordFile}`,
      `--username=${SUPERUSER}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--no-instructions',
      ...(cluster.isDurable ? [] : ['--no-sync']),
    ]);
    await rename(draft, cluster.data).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
  }
}

/** Starts the server in a session of its own, so that signals to this process never reach it; resolves when it is ready. */
export async function startServer(cluster: Cluster): Promise<void> {
  const options = Object.entries(await settings(cluster)).map(
    ([name, value]) => `-c ${name}=${value}`,
  );
  const log = join(cluster.data, 'server.log');
  await runAs(cluster, cluster.binaries.pg_ctl, [
    'start',
    '--wait',
    '--timeout=60',
    `--pgdata=${cluster.data}`,
    `--log=${log}`,
    `--options=${options.join(' ')}`,
  ]);
}

/** Stops the server: sessions are ended, a checkpoint is written. */
export async function stopServer(cluster: Cluster): Promise<void> {
  await runAs(cluster, cluster.binaries.pg_ctl, [
    'stop',
    '--wait',
    '--timeout=20',
    '--mode=fast',
    `--pgdata=${cluster.data}`,
  ]);
}

/** The superuser's URL of the server as its own lock file has it, or null; the server may have died since. */
export async function serverUrl({ data, password }: Cluster): Promise<string | null> {
  const lock = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const port = Number(lock.split('\n')[3]);
  return port ? `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres` : null;
}

async function settings({ isDurable }: Cluster): Promise<Record<string, string | number>> {
  return {
    port: await freePort(),
    listen_addresses: '127.0.0.1',
    // A socket's path may hold 107 bytes only, and nothing here uses one.
    unix_socket_directories: "''",
    max_connections: 300,
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    // Neither statements nor rows belong in a log: they are people's conversations.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    ...(isDurable ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  };
}

async function give({ uid, gid }: ServerAccount, ...paths: string[]): Promise<void> {
  if (uid === undefined || gid === undefined) return;
  await Promise.all(paths.map((path) => chown(path, uid, gid)));
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function runAs({ account }: Cluster, file: string, args: string[]): Promise<void> {
  const child = spawn(file, args, { ...account, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${file} ended with ${code}: ${complaint.trim()}`));
    });
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
