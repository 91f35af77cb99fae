import { type Command } from 'commander';
import { skip, type SkipOptions } from './bus.commands.js';
import { type Perform } from './program.js';

/** Adds `bus`. */
export function addBus(parley: Command, perform: Perform): void {
  parley
    .command('bus')
    .description('the message bus')
    .command('skip')
    .description('let ingestion, which must be stopped, go on behind what it can’t get past')
    .requiredOption('--topic <topic>', 'the topic')
    .requiredOption('--partition <n>', 'its partition')
    .requiredOption('--offset <n>', 'the offset before which ingestion stands')
    .option('--to <n>', 'the last offset to skip; only that one by default')
    .requiredOption('--reason <text>', 'why; kept with what was skipped')
    .action((options: SkipOptions) => perform((at) => skip(at, options)));
}
