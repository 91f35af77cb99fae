import { type Command } from 'commander';
import { showFreshness } from './freshness.commands.js';
import { type Perform } from './program.js';

/** Adds `freshness`. */
export function addFreshness(parley: Command, perform: Perform): void {
  parley
    .command('freshness')
    .description('lost or late: what is not applied yet, by tenant and door')
    .option('--tenant <name>', 'name or id of one tenant; all by default')
    .action(({ tenant }: { tenant?: string }) => perform((at) => showFreshness(at, tenant)));
}
