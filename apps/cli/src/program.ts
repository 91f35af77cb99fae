import { Command } from 'commander';
import { type Answer } from './answer.js';
import { addFreshness } from './freshness.program.js';
import { addBus } from './bus.program.js';
import { type Installation } from './installation.js';
import { createKey, type CreateKeyOptions, listKeys, revokeKey } from './keys.commands.js';
import { verifyLogs } from './log.commands.js';
import { addPortability } from './portability.program.js';
import { addRebuild } from './rebuild.program.js';
import { addPartners } from './partners.program.js';
import { addDeadLetters } from './dead-letters.program.js';
import { addRedaction } from './redaction.program.js';
import { createTenant, listTenants } from './tenants.commands.js';

/** Runs one command on the installation and shows its answer. */
export type Perform = (work: (installation: Installation) => Promise<Answer>) => Promise<void>;

type OfTenant = { readonly tenant: string };

/** The commands of `parley`, each handing its work to `perform`. */
export function program(perform: Perform): Command {
  const parley = new Command('parley').description('The operator’s tool of a Parley installation');
  addTenants(parley, perform);
  addKeys(parley, perform);
  addLog(parley, perform);
  addRebuild(parley, perform);
  addFreshness(parley, perform);
  addPartners(parley, perform);
  addBus(parley, perform);
  addRedaction(parley, perform);
  addDeadLetters(parley, perform);
  for (const group of parley.commands) {
    for (const command of [group, ...group.commands]) {
      if (command.commands.length === 0) command.option('--json', 'print one JSON document');
    }
  }
  return parley;
}

function addTenants(parley: Command, perform: Perform): void {
  const tenants = parley.command('tenants').description('accounts, each with its own database');
  tenants
    .command('create')
    .argument('<name>')
    .option(
      '--server <name>',
      'server of PARLEY_SERVERS for its database; the primary one by default',
    )
    .action((name: string, { server }: { server?: string }) =>
      perform((at) => createTenant(at, name, server)),
    );
  tenants.command('list').action(() => perform(listTenants));
  addPortability(tenants, perform);
}

function addKeys(parley: Command, perform: Perform): void {
  const keys = parley.command('keys').description('credentials of a tenant');
  keys
    .command('create')
    .requiredOption('--tenant <name>', 'name or id of the tenant')
    .requiredOption('--kind <kind>', 'kind of credential: api-key')
    .option('--scopes <list>', 'ingest,read,chat,admin; all but admin by default')
    .option('--expires <time>', 'RFC 3339 time')
    .option('--name <name>', 'what the key is for')
    .action((options: CreateKeyOptions) => perform((at) => createKey(at, options)));
  keys
    .command('list')
    .requiredOption('--tenant <name>', 'name or id of the tenant')
    .action(({ tenant }: OfTenant) => perform((at) => listKeys(at, tenant)));
  keys
    .command('revoke')
    .argument('<id>')
    .action((id: string) => perform((at) => revokeKey(at, id)));
}

function addLog(parley: Command, perform: Perform): void {
  parley
    .command('log')
    .description('the conversation log')
    .command('verify')
    .description('check every position and hash')
    .option('--tenant <name>', 'name or id of one tenant; all by default')
    .action(({ tenant }: Partial<OfTenant>) => perform((at) => verifyLogs(at, tenant)));
}
