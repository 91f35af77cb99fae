import { type Command, CommanderError } from 'commander';
import { type Output } from './answer.js';
import { readConfig } from './config.js';
import { withInstallation } from './installation.js';
import { program } from './program.js';

/** What a run of `parley` is given; `argv` without the program's own name. */
export interface CliRun {
  readonly argv: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly output: Output;
}

/**
 * Runs one command and answers the exit code: 0, or 1 when it failed or what it checked is bad.
 * With `--json` standard output is one JSON document, or nothing when the command failed.
 */
export async function runCli({ argv, env, output }: CliRun): Promise<number> {
  const isJson = argv.includes('--json');
  let exitCode = 0;
  const parley = program(async (work) => {
    const { json, lines, isBad } = await withInstallation(readConfig(env), work);
    output.out(isJson ? `${JSON.stringify(json)}\n` : lines.map((line) => `${line}\n`).join(''));
    exitCode = isBad ? 1 : 0;
  });
  for (const command of [parley, ...descendants(parley)]) quiet(command, output);
  try {
    await parley.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, isJson, output);
  }
}

function descendants(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...descendants(child)]);
}

function quiet(command: Command, { out }: Output): void {
  command
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: out, outputError: () => undefined });
}

function report(error: unknown, isJson: boolean, { err }: Output): number {
  if (error instanceof CommanderError && error.code.startsWith('commander.help')) {
    return error.exitCode;
  }
  const { code, message } = error as { code?: unknown; message?: unknown };
  const text = String(message)
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ');
  const named: { code?: string } =
    typeof code === 'string' && !code.startsWith('commander.') ? { code } : {};
  const words = named.code ? `${text} (${named.code})` : text;
  err(
    isJson ? `${JSON.stringify({ error: { ...named, message: text } })}\n` : `parley: ${words}\n`,
  );
  return 1;
}
