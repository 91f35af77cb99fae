import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runAside } from './processes.mjs';

const stampDirectory = join('node_modules', '.cache');
const stamp = join(stampDirectory, 'parley-build');

/** Every app and library, as paths from the root. */
export function projects() {
  return ['apps', 'libs'].flatMap((kind) =>
    readdirSync(kind, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${kind}/${entry.name}`),
  );
}

function sources() {
  const settings = projects().flatMap((path) => [
    `${path}/package.json`,
    `${path}/tsconfig.lib.json`,
  ]);
  const code = projects().flatMap((path) =>
    readdirSync(`${path}/src`, { recursive: true }).map((name) => `${path}/src/${name}`),
  );
  return ['package-lock.json', 'tsconfig.base.json', 'tsconfig.json', ...settings, ...code].sort();
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const path of sources()) {
    const { mtimeMs, size } = statSync(path);
    hash.update(`${path} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

function lastBuild() {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return null;
  }
}

/** Compiles all apps and libraries when a source has changed since the last time. */
export async function ensureBuilt(node) {
  const current = fingerprint();
  if (lastBuild() === current) return 0;
  const code = await runAside(node, ['node_modules/.bin/tsc', '-b', 'tsconfig.json']);
  if (code === 0) {
    mkdirSync(stampDirectory, { recursive: true });
    writeFileSync(stamp, current);
  }
  return code;
}
