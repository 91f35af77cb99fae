import { execFile } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The operating-system account a server runs under; empty for the account of this process. */
export interface ServerAccount {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root: root runs it as the user `postgres`, made if there is none. */
export async function serverAccount(): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return {};
  return (await accountOfPostgres()) ?? (await createPostgres());
}

async function accountOfPostgres(): Promise<Required<ServerAccount> | null> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
    );
    return { uid: uid!, gid: gid! };
  } catch {
    return null;
  }
}

async function createPostgres(): Promise<ServerAccount> {
  await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
  const account = await accountOfPostgres();
  if (!account)
    throw new Error('no user to run PostgreSQL under: root may not, and there is no user postgres');
  return account;
}

/** Whether `account` can reach `path` through every folder above it. */
export async function canReach(account: ServerAccount, path: string): Promise<boolean> {
  return run('test', ['-x', path], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

/** Lets other accounts pass through a folder without listing it. */
export async function letThrough(folder: string): Promise<void> {
  await chmod(folder, (await stat(folder)).mode | 0o111);
}
