import { type Command } from 'commander';
import {
  exportOne,
  type ExportOptions,
  importOne,
  type ImportOptions,
} from './portability.commands.js';
import { type Perform } from './program.js';

/** Adds `export` and `import` to `tenants`. */
export function addPortability(tenants: Command, perform: Perform): void {
  tenants
    .command('export')
    .description('write a tenant to a directory: log, ledger, settings and a manifest')
    .requiredOption('--tenant <name>', 'name or id of the tenant')
    .requiredOption('--out <directory>', 'a new or empty directory')
    .action((options: ExportOptions) => perform((at) => exportOne(at, options)));
  tenants
    .command('import')
    .description('make a tenant of what was exported, once all of it is found as it was')
    .argument('<directory>')
    .option('--name <name>', 'another name than it had')
    .option('--server <name>', 'server of PARLEY_SERVERS for its database')
    .option('--as-new', 'under a new id, where the tenant itself is in this installation')
    .action((directory: string, options: ImportOptions) =>
      perform((at) => importOne(at, directory, options)),
    );
}
