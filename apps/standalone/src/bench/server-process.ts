import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A server of ours in a process of its own. */
export interface ServerProcess {
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

/** Starts `file` on this Node and waits until it has said a line with each of `awaited`. */
export async function startServer(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  awaited: readonly RegExp[],
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [file, ...args], {
    env: { PATH: '/usr/bin:/bin', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (awaited.every((pattern) => lines.some((said) => pattern.test(said)))) break;
  }
  if (child.exitCode !== null) throw new Error(`${file} ended with ${child.exitCode}`);
  child.stdout.resume();
  return { lines, stop: () => stop(child) };
}

/** What a line of a server says after `pattern`'s first group. */
export function said({ lines }: ServerProcess, pattern: RegExp): string {
  const found = lines.map((line) => pattern.exec(line)?.[1]).find((text) => text !== undefined);
  if (found === undefined) throw new Error('the server did not say what was expected of it');
  return found;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
