import { type Command } from 'commander';
import { createPartner, type CreatePartnerOptions, listPartners } from './partners.commands.js';
import { type Perform } from './program.js';

/** Adds `partners`. */
export function addPartners(parley: Command, perform: Perform): void {
  const partners = parley
    .command('partners')
    .description('topics of Kafka to which the partners of tenants produce');
  partners
    .command('create')
    .description('make the topic of a tenant’s partner, and say how to produce to it')
    .requiredOption('--tenant <name>', 'name or id of the tenant')
    .option('--principal <name>', 'the user of Kafka that may produce to it')
    .action((options: CreatePartnerOptions) => perform((at) => createPartner(at, options)));
  partners.command('list').action(() => perform(listPartners));
}
