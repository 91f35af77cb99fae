import { ensureBuilt } from './build.mjs';
import { run } from './processes.mjs';

const prettier = 'node_modules/.bin/prettier';
const nx = 'node_modules/.bin/nx';

/** Format, types, lint, and that lint still bites. Everything is run, so that one look shows it all. */
export async function check(node) {
  const steps = {
    'lock file': () => run(node, ['tools/check-lock.mjs']),
    format: () => run(node, [prettier, '--check', '--cache', '--log-level', 'warn', '.']),
    build: () => ensureBuilt(node),
    'types and lint': () => run(node, [nx, 'run-many', '-t', 'typecheck,lint,lint-canary']),
  };
  const failed = [];
  for (const [name, step] of Object.entries(steps)) {
    if ((await step()) !== 0) failed.push(name);
  }
  console.log(failed.length === 0 ? 'check: all well' : `check: failed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}
