import { readFileSync } from 'node:fs';

/**
 * Two things that `npm ci` trips over elsewhere: a lock file without a platform's optional package,
 * and one that names the registry it was made with.
 */
const text = readFileSync('package-lock.json', 'utf8');
const entries = Object.entries(JSON.parse(text).packages);
const locked = new Set(entries.map(([path]) => path.split('node_modules/').pop()));
const missing = entries
  .flatMap(([, entry]) => Object.keys(entry.optionalDependencies ?? {}))
  .filter((name) => !locked.has(name));
const hosts = entries.flatMap(([, entry]) =>
  /^https?:/.test(entry.resolved) ? entry.resolved : [],
);

for (const name of missing) console.error(`package-lock.json lacks optional package ${name}`);
for (const url of hosts) console.error(`package-lock.json names a registry: ${url}`);
process.exitCode = missing.length + hosts.length === 0 ? 0 : 1;
