import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { check } from './check.mjs';
import { ensureInstalled, findNode } from './installation.mjs';
import { run } from './processes.mjs';

/** The one entry of every npm script: `node tools/run.mjs <name> [arguments]`, on a fresh clone too. */

const root = join(import.meta.dirname, '..');
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/.bin/jest',
];
// Last, as jest takes whatever follows this option for one more reporter.
const reporters = ['--reporters=default', `--reporters=${root}/tools/summary-reporter.mjs`];

// kafkajs sets timers into the past, which is harmless.
const quiet = '--disable-warning=TimeoutNegativeWarning';
const program = (file) => built((node, args) => run(node, [quiet, file, ...args]));
const commands = {
  start: program('apps/standalone/dist/main.js'),
  bench: program('apps/standalone/dist/bench/main.js'),
  prove: program('apps/prove/dist/main.js'),
  parley: program('apps/cli/dist/main.js'),
  gateway: program('apps/gateway/dist/main.js'),
  ingestion: program('apps/ingestion/dist/main.js'),
  test: built((node, args) => run(node, [...jest, ...args, ...reporters])),
  build: built(() => 0),
  check,
};

function built(command) {
  return async (node, args) => (await ensureBuilt(node)) || command(node, args);
}

async function main([name, ...args]) {
  const command = commands[name];
  if (!command) throw new Error(`Usage: run.mjs ${Object.keys(commands).join('|')} [arguments]`);
  process.chdir(root);
  return (await ensureInstalled(root)) || command(findNode(root), args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
