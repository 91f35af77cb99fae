import { type Command } from 'commander';
import { type Perform } from './program.js';
import { setRedaction, showRedaction } from './redaction.commands.js';

type OfTenant = { readonly tenant: string };

/** Adds `redaction`. */
export function addRedaction(parley: Command, perform: Perform): void {
  const redaction = parley
    .command('redaction')
    .description('what a tenant does not want kept: masked, flagged or refused in every door');
  redaction
    .command('show')
    .description('the policy in force')
    .requiredOption('--tenant <name>', 'name or id of the tenant')
    .action(({ tenant }: OfTenant) => perform((at) => showRedaction(at, tenant)));
  redaction
    .command('set')
    .description('put the policy of a JSON file in force; it takes a second')
    .argument('<file>')
    .requiredOption('--tenant <name>', 'name or id of the tenant')
    .action((file: string, { tenant }: OfTenant) =>
      perform((at) => setRedaction(at, tenant, file)),
    );
}
