import { type ChildProcess, spawn } from 'node:child_process';

const HOOKS = new URL('./register-typescript.mjs', import.meta.url).href;

/** `env` replaces the environment of this process but for what Node itself needs. */
export interface RunTypeScriptOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A process of its own that runs a workspace source file as it is, without a build; end it yourself. */
export function runTypeScript(
  file: string,
  { args = [], env = {} }: RunTypeScriptOptions = {},
): ChildProcess {
  // kafkajs sets timers into the past, which is harmless.
  const flags = [
    '--conditions=@parley/source',
    '--disable-warning=TimeoutNegativeWarning',
    `--import=${HOOKS}`,
  ];
  return spawn(process.execPath, [...flags, file, ...args], {
    env: { ...env, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
