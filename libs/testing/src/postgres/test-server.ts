import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@parley/platform';

/** A PostgreSQL server of one spec file; `url` is the superuser's. */
export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

// Reads until its input is closed, which also happens when the process that started it is killed.
const GUARD = `
  cat > /dev/null
  pid=$(head -n 1 "$0/postgres/postmaster.pid" 2> /dev/null) && kill -INT "$pid"
  while [ -e "$0/postgres/postmaster.pid" ] && kill -0 "$pid" 2> /dev/null; do sleep 0.05; done
  rm -rf "$0"`;

/**
 * A server of its own, without safety against power loss, for a spec that needs the fixed database and role names of an
 * installation or that stops the server; takes about a second. Stop it in `afterAll`: its files go too. Where this
 * process is killed first, both go all the same.
 */
export async function startTestServer(): Promise<TestServer> {
  const home = await mkdtemp(join(tmpdir(), 'parley-test-'));
  const guard = startGuard(home);
  const server = await startEmbeddedPostgres({ home, isDurable: false });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      const gone = once(guard, 'exit');
      guard.stdin?.end();
      await gone;
    },
  };
}

function startGuard(home: string): ChildProcess {
  const stdio = ['pipe', 'ignore', 'ignore'] as const;
  // In a group of its own, because Ctrl-C is meant for the whole group of the tests.
  const guard = spawn('sh', ['-c', GUARD, home], { detached: true, stdio: [...stdio] });
  guard.unref();
  return guard;
}
