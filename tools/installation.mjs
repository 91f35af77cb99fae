import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runAside } from './processes.mjs';

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

function isInstalled(root) {
  const lock = join(root, 'package-lock.json');
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (modified(installed) >= modified(lock)) return true;
  if (!existsSync(installed)) return false;
  // A check-out also touches the lock file: only another content is a reason to install again.
  const present = packagesOf(installed);
  return Object.entries(packagesOf(lock)).every(
    ([path, { version, optional, link }]) =>
      !path.startsWith('node_modules/') ||
      link ||
      (optional && !present[path]) ||
      present[path]?.version === version,
  );
}

/** Installs what the lock file names when it is not there yet. */
export async function ensureInstalled(root) {
  if (isInstalled(root)) return 0;
  console.error('Installing what Parley needs, once: this takes a minute or two.');
  // The project's .npmrc silences npm for the sake of the commands' own output; errors must be seen.
  return runAside('npm', ['ci', '--prefix', root, '--loglevel=error']);
}

/** The Node to run everything with: the one in the lock file, else our own when it is new enough. */
export function findNode(root) {
  const local = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(local)) return local;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 24 || (major === 24 && minor >= 11)) return process.execPath;
  throw new Error(`Node 24.11 or newer is needed on this platform; this is ${process.version}.`);
}
