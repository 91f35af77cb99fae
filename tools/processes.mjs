import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a command to its end and resolves with its exit code. SIGTERM is passed on, SIGINT too unless
 * a terminal already gives it to the whole group, which would make it arrive twice.
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    const passOn = (signal) =>
      signal === 'SIGINT' && process.stdin.isTTY ? false : child.kill(signal);
    const signals = ['SIGTERM', 'SIGINT'];
    for (const signal of signals) process.on(signal, passOn);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of signals) process.off(name, passOn);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

/** As `run`, with standard output on standard error, so that ours stays for the program's own answer. */
export function runAside(command, args) {
  return run(command, args, { stdio: ['ignore', 2, 2] });
}
