import { DomainError } from '@parley/event-sourcing';
import { type Command } from 'commander';
import { type Perform } from './program.js';
import {
  checkRebuild,
  dropOld,
  rebuild,
  type RebuildOptions,
  rollBack,
} from './rebuild.commands.js';
import { rebuildSearchIndexes } from './rebuild-search.commands.js';

/** What is done instead of a rebuild, where one of these is asked for. */
interface RebuildModes {
  readonly check?: true;
  readonly rollback?: true;
  readonly dropOld?: true;
  readonly search?: true;
}

/** Adds `rebuild` to the program. */
export function addRebuild(parley: Command, perform: Perform): void {
  parley
    .command('rebuild')
    .description('build the read models anew beside the live ones, compare, and have them served')
    .option('--tenant <name>', 'name or id of one tenant; all by default')
    .option('--outdated', 'only where they are of an older version than this release')
    .option('--check', 'only compare the live ones with a rebuild, change nothing')
    .option('--rollback', 'have those served again that were served before')
    .option('--drop-old', 'drop those that are not served')
    .option('--search', 'build the search indexes anew beside those that are searched, instead')
    .option('--accept-differences <why>', 'have them served though they differ; why is recorded')
    .action(async (options: RebuildOptions & RebuildModes) => {
      const work = modeOf(options);
      await perform((at) => work(at, options));
    });
}

function modeOf(modes: RebuildModes) {
  const asked = [
    ...(modes.check ? [checkRebuild] : []),
    ...(modes.rollback ? [rollBack] : []),
    ...(modes.dropOld ? [dropOld] : []),
    ...(modes.search ? [rebuildSearchIndexes] : []),
  ];
  if (asked.length > 1)
    throw new DomainError(
      'rebuild/unclear',
      'give one of --check, --rollback, --drop-old and --search',
    );
  return asked[0] ?? rebuild;
}
